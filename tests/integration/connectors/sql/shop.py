"""A shop as WordPress and WooCommerce lay it out: users, posts that are orders, and a row for each of their fields.

Anna has an account and orders with and without it; Ben lives with her and has her number; Carl is known by a field
alone; Dora ordered without an account, as Anna did, and has the account number 0 as all such orders do.
"""

from __future__ import annotations

from typing import Any

from tests.integration.connectors.sql.peer import Peer

_DDL = """
CREATE TABLE users (id INTEGER PRIMARY KEY, user_login VARCHAR(60) NOT NULL, user_email VARCHAR(100) NOT NULL);
CREATE TABLE usermeta (umeta_id INTEGER PRIMARY KEY, user_id INTEGER, meta_key VARCHAR(255), meta_value TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, post_type VARCHAR(20), post_status VARCHAR(20), post_excerpt TEXT NOT NULL);
CREATE TABLE postmeta (meta_id INTEGER PRIMARY KEY, post_id INTEGER, meta_key VARCHAR(255), meta_value TEXT)"""

_CART = 'a:2:{s:5:"buyer";a:2:{s:4:"name";s:13:"%s";s:4:"mail";s:%d:"%s";}s:5:"total";d:12.5;}'


def cart(name: str, mail: str) -> str:
    assert len(name.encode()) == 13
    return _CART % (name, len(mail), mail)


USERS = [
    (1, "anna", "anna@example.com"),
    (2, "ben", "ben@example.com"),
    (3, "c", ""),
    (4, "eva", "eva@example.com"),
]
USERMETA = [
    (101, 1, "billing_email", "anna.shop@example.com"),
    (102, 1, "billing_phone", "030 901820"),
    (103, 1, "first_name", "Anna"),
    (104, 1, "last_name", "Müller"),
    (105, 1, "basket", cart("Anna Müller ", "anna.shop@example.com")),
    (106, 1, "theme", "dark"),
    (111, 2, "billing_phone", "030 901820"),
    (112, 2, "first_name", "Ben"),
    (113, 2, "last_name", "Müller"),
    (121, 3, "billing_email", "carl@example.com"),
    (122, 3, "last_name", "Vogt"),
    (123, 3, "theme", "light"),
    (131, 4, "theme", "dark"),
]
POSTS = [
    (11, "shop_order", "done", "Ring at Müller"),
    (12, "shop_order", "done", "Leave it at the door"),
    (13, "shop_order", "done", "Ben's own"),
    (14, "shop_order", "done", "For Dora"),
    (15, "page", "publish", "About us, anna@example.com"),
]


def _order(number: int, account: str, mail: str, phone: str, name: str) -> list[tuple[int, int, str, str]]:
    fields = {
        "_customer_user": account,
        "_billing_email": mail,
        "_billing_phone": phone,
        "_billing_name": name,
        "_billing_address_index": f"{name} Am Markt 5 {mail} {phone}",
        "_gateway": f'{{"payer": {{"mail": "{mail}", "phone": "{phone}"}},  "paid" : 12.50, "tries": [1, 2.0]}}',
        "_total": "12.50",
    }
    return [(number * 100 + at, number, key, value) for at, (key, value) in enumerate(fields.items())]


POSTMETA = [
    *_order(11, "1", "anna@example.com", "+49 30 901820", "Anna Müller"),
    *_order(12, "0", "anna.shop@example.com", "", "Anna Müller"),
    *_order(13, "2", "ben@example.com", "030/901820", "Ben Müller"),
    *_order(14, "0", "dora@example.com", "030 771234", "Dora Lang"),
    (1501, 15, "_billing_email", "anna@example.com"),
]
TABLES: list[dict[str, Any]] = [
    {
        "name": "users",
        "title": "accounts",
        "key": ["id"],
        "one_person": True,
        "identities": [{"column": "id", "kind": "account_id"}, {"column": "user_email", "kind": "email"}],
    },
    {
        "name": "usermeta",
        "title": "account fields",
        "key": ["umeta_id"],
        "references": [{"column": "user_id", "table": "users", "to": "id", "part": True}],
        "identities": [
            {"column": "meta_value", "where": {"meta_key": "billing_email"}, "kind": "email"},
            {"column": "meta_value", "where": {"meta_key": "billing_phone"}, "kind": "phone"},
            {"column": "meta_value", "where": {"meta_key": "first_name"}, "kind": "name"},
            {"column": "meta_value", "where": {"meta_key": "last_name"}, "kind": "name"},
            {"column": "meta_value", "where": {"meta_key": "basket"}, "path": "buyer.mail", "kind": "email"},
        ],
        "hide": [{"column": "meta_value", "where": {"meta_key": "basket"}, "path": "total"}],
        "rectify": {"phone": {"column": "meta_value", "where": {"meta_key": "billing_phone"}}},
    },
    {
        "name": "posts",
        "kind": "order",
        "title": "orders",
        "key": ["id"],
        "where": {"post_type": "shop_order"},
        "one_person": True,
        "erase": "blank",
        "blank": {"post_excerpt": ""},
    },
    {
        "name": "postmeta",
        "title": "order fields",
        "key": ["meta_id"],
        "references": [{"column": "post_id", "table": "posts", "to": "id", "part": True}],
        "identities": [
            {"column": "meta_value", "where": {"meta_key": "_customer_user"}, "kind": "account_id"},
            {"column": "meta_value", "where": {"meta_key": "_billing_email"}, "kind": "email"},
            {"column": "meta_value", "where": {"meta_key": "_billing_phone"}, "kind": "phone"},
            {"column": "meta_value", "where": {"meta_key": "_billing_name"}, "kind": "name"},
            {"column": "meta_value", "where": {"meta_key": "_gateway"}, "path": "payer.mail", "kind": "email"},
            {"column": "meta_value", "where": {"meta_key": "_gateway"}, "path": "payer.phone", "kind": "phone"},
        ],
        "erase": "blank",
        "blank": [
            {
                "column": "meta_value",
                "where": {
                    "meta_key": [
                        "_billing_email",
                        "_billing_phone",
                        "_billing_name",
                        "_customer_user",
                        "_billing_address_index",
                    ]
                },
            },
            {"column": "meta_value", "where": {"meta_key": "_gateway"}, "path": "payer.*"},
        ],
        "fields": {"phone": {"column": "meta_value", "where": {"meta_key": "_gateway"}, "path": "payer.phone"}},
        "rectify": {"phone": {"column": "meta_value", "where": {"meta_key": "_gateway"}, "path": "payer.phone"}},
    },
]
COLUMNS = {
    "users": ("id", "user_login", "user_email"),
    "usermeta": ("umeta_id", "user_id", "meta_key", "meta_value"),
    "posts": ("id", "post_type", "post_status", "post_excerpt"),
    "postmeta": ("meta_id", "post_id", "meta_key", "meta_value"),
}
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "users": USERS,
    "usermeta": USERMETA,
    "posts": POSTS,
    "postmeta": POSTMETA,
}


def fill(peer: Peer) -> None:
    """Make the tables and their rows."""
    peer.run(*_DDL.split(";"))
    for table, rows in ROWS.items():
        peer.insert(table, [dict(zip(COLUMNS[table], row, strict=True)) for row in rows])


def dump(peer: Peer) -> dict[str, tuple[Any, ...]]:
    """Every row of every table, to compare what is left byte for byte."""
    return {f"{table} {row[0]}": tuple(row) for table in ROWS for row in peer.rows(f"SELECT * FROM {table}")}
