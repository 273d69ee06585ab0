"""What an operator writes of each relational system: its tables, a row each, and the views that they need.

A row has the table's name, its title, the columns of its key, its identities (column, kind, direction), what it points
at (column > table.column, where), and whatever else stands in its section.
"""
# ruff: noqa: E501 - a table is one line

from __future__ import annotations


def tables(system: str, rows: str) -> str:
    return "".join(
        _section(system, [*map(str.strip, line.split("|")), "", "", ""]) for line in rows.strip().splitlines()
    )


def _section(system: str, cells: list[str]) -> str:
    name, title, key, identities, references, more = cells[:6]
    lines = [f"[[systems.{system}.tables]]", 'document_class = "none"', f'name       = "{name}"']
    lines += [f'title      = "{title}"'] if title else []
    lines += ["key        = [" + ", ".join(f'"{one}"' for one in key.split()) + "]"]
    lines += [f"identities = [\n{''.join(map(_identity, identities.split(', ')))}]"] if identities else []
    lines += [f"references = [\n{''.join(map(_reference, references.split(', ')))}]"] if references else []
    return "\n" + "\n".join([*lines, *filter(None, more.split("; "))]) + "\n"


def _identity(text: str) -> str:
    column, kind, *direction = text.split()
    way = "".join(f', direction = "{one}"' for one in direction)
    return f'  {{ column = "{column}", kind = "{kind}"{way} }},\n'


def _reference(text: str) -> str:
    way, _, where = text.partition(" where ")
    column, _, target = way.partition(" > ")
    table, _, to = target.partition(".")
    field, _, value = where.partition("=")
    only = f', where = {{ {field} = "{value}" }}' if where else ""
    return f'  {{ column = "{column}", table = "{table}", to = "{to}"{only} }},\n'


PEOPLE_VIEW = """
CREATE VIEW rightsflow_people AS
  SELECT id, login, firstname, lastname, CASE WHEN login <> '' THEN id END AS account,
    (SELECT string_agg(address, ' ' ORDER BY id) FROM email_addresses WHERE user_id = users.id) AS addresses,
    (SELECT value FROM custom_values JOIN custom_fields ON custom_fields.id = custom_field_id
      WHERE customized_type = 'Principal' AND customized_id = users.id AND custom_fields.name = 'Phone') AS phone,
    (SELECT value FROM custom_values JOIN custom_fields ON custom_fields.id = custom_field_id
      WHERE customized_type = 'Principal' AND customized_id = users.id AND custom_fields.name = 'Customer number'
    ) AS customer
  FROM users WHERE users.type = 'User';
CREATE RULE blank AS ON UPDATE TO rightsflow_people
  DO INSTEAD UPDATE users SET login = NEW.login, firstname = NEW.firstname, lastname = NEW.lastname WHERE id = OLD.id;
"""
"""Redmine spreads a person over three tables; this view says who is who. Addresses are erased where they lie."""

TICKETS = tables(
    "tickets",
    """
rightsflow_people | accounts | id | addresses email, phone phone, customer customer_id, account account_id |  | kind = "account"; one_person = true; erase = "blank"; blank = { login = "", firstname = "", lastname = "", addresses = "", phone = "", customer = "" }; to_null = ["account"]
email_addresses | e-mail addresses | id |  | user_id > rightsflow_people.id
user_preferences | preferences | id |  | user_id > rightsflow_people.id
watchers | watched issues | id |  | user_id > rightsflow_people.id
issues | issues | id |  | author_id > rightsflow_people.id | occurred_at = "created_on"; erase = "blank"; blank = { subject = "", description = "" }
journals | notes | id |  | user_id > rightsflow_people.id, journalized_id > issues.id where journalized_type=Issue | occurred_at = "created_on"; author = "user_id"
journal_details | changes | id |  | journal_id > journals.id
custom_values | further fields | id |  | customized_id > rightsflow_people.id where customized_type=Principal, customized_id > issues.id where customized_type=Issue
attachments | attachments | id |  | author_id > rightsflow_people.id, container_id > issues.id where container_type=Issue | occurred_at = "created_on"; author = "author_id"; hide = ["digest", "disk_directory"]; file = { column = "disk_filename", folder_column = "disk_directory", kind = "file", title = "files" }
""",
)
HELPDESK = tables(
    "helpdesk",
    """
helpdesk_ticket | tickets | id | submitter_email email |  | occurred_at = "created"; erase = "blank"; blank = { submitter_email = "", title = "", description = "" }; hide = ["secret_key"]
helpdesk_ticketcustomfieldvalue | further fields | id |  | ticket_id > helpdesk_ticket.id
helpdesk_ticketcc | copies | id | email email
helpdesk_followup | messages | id | title email | ticket_id > helpdesk_ticket.id | occurred_at = "date"; author = "title"
helpdesk_followupattachment | attachments | id |  | followup_id > helpdesk_followup.id | file = { column = "file", kind = "file", title = "files" }
""",
)
TELEPHONE = tables(
    "telephone",
    """
acc | call events | id | src_user phone incoming, dst_ouser phone outgoing, dst_user phone outgoing |  | occurred_at = "time"; one_person = false; blank = { src_user = "", dst_ouser = "", dst_user = "" }
missed_calls | missed calls | id | src_user phone incoming, dst_ouser phone outgoing, dst_user phone outgoing |  | occurred_at = "time"; one_person = false; blank = { src_user = "", dst_ouser = "", dst_user = "" }
acc_cdrs | calls | id | caller phone incoming, callee phone outgoing |  | occurred_at = "start_time"; one_person = false; blank = { caller = "", callee = "" }
""",
)
SHOP = tables(
    "shop",
    """
contact | | id | email email, phone phone, customer customer_id
ticket | | id | | contact_id > contact.id | erase = "blank"; blank = { title = "" }
message | | id | | author_id > contact.id, ticket_id > ticket.id | author = "author_id"; file = { column = "file", kind = "file", title = "files" }
card | | id | | contact_id > contact.id
call | | id | src phone incoming, dst phone outgoing, account customer_id | | one_person = false; blank = { src = "", dst = "", account = "" }; file = { column = "recording" }
""",
)

TRAC_VIEWS = (
    """CREATE VIEW rf_account AS SELECT sid, value AS email, (SELECT value FROM session_attribute AS other WHERE sid =
      one.sid AND authenticated = 1 AND name = 'name') AS name FROM session_attribute AS one
      WHERE authenticated = 1 AND name = 'email'""",
    """CREATE RULE gone AS ON DELETE TO rf_account DO INSTEAD DELETE FROM session_attribute WHERE sid = OLD.sid
      AND authenticated = 1 AND name = 'email'""",
    "CREATE VIEW rf_name AS SELECT sid, value FROM session_attribute WHERE authenticated = 1 AND name = 'name'",
    """CREATE VIEW rf_ticket AS SELECT id, id::text AS named, reporter, cc, summary, description,
      (SELECT value FROM ticket_custom WHERE ticket = ticket.id AND name = 'phone') AS phone,
      (SELECT value FROM ticket_custom WHERE ticket = ticket.id AND name = 'born') AS born FROM ticket""",
    """CREATE RULE blank AS ON UPDATE TO rf_ticket DO INSTEAD UPDATE ticket SET reporter = NEW.reporter, cc = NEW.cc,
      summary = NEW.summary, description = NEW.description WHERE id = OLD.id""",
)
TRAC = tables(
    "trac",
    """
rf_account | accounts | sid | sid account_id, email email, name name
rf_name | names | sid |  | sid > rf_account.sid
session | sessions | sid authenticated |  | sid > rf_account.sid
rf_ticket | tickets | id | reporter email, phone phone, born birth_date | reporter > rf_account.sid | one_person = false; erase = "blank"; hide = ["cc"]; blank = { reporter = "", summary = "", description = "", phone = "", born = "" }
ticket_custom | further fields | ticket name |  | ticket > rf_ticket.id
ticket_change | changes | ticket time field | author email | ticket > rf_ticket.id, author > rf_account.sid | author = "author"
attachment | attachments | type id filename | author email | id > rf_ticket.named where type=ticket, author > rf_account.sid | author = "author"; file = { column = "rf_path", kind = "file", title = "files", document_class = "none" }
""",
)

_ROUNDUP_FILE = """CREATE VIEW rf_{0} AS SELECT *,
  CASE WHEN _type = 'erased' THEN '' ELSE 'files/{0}/' || id / 1000 || '/{0}' || id END AS path FROM _{0}"""
_ROUNDUP_RULES = (
    "CREATE RULE blank AS ON UPDATE TO rf_{0} DO INSTEAD UPDATE _{0} SET _type = 'erased' WHERE id = OLD.id",
    "CREATE RULE gone AS ON DELETE TO rf_{0} DO INSTEAD DELETE FROM _{0} WHERE id = OLD.id",
)
ROUNDUP_VIEWS = (*(text.format(kind) for kind in ("msg", "file") for text in (_ROUNDUP_FILE, *_ROUNDUP_RULES)),)
ROUNDUP = tables(
    "roundup",
    """
_user | accounts | id | _address email, _alternate_addresses email, _phone phone, _realname name |  | kind = "account"; one_person = true; erase = "blank"; blank = { _username = "erased-{key}", _address = "", _alternate_addresses = "", _phone = "", _realname = "" }
_issue | issues | id |  | _creator > _user.id | kind = "issue"; author = "_creator"; erase = "blank"; blank = { _title = "" }
issue_nosy | followed issues | nodeid linkid |  | linkid > _user.id
issue_messages | messages of issues | nodeid linkid |  | linkid > rf_msg.id
issue_files | files of issues | nodeid linkid |  | linkid > rf_file.id
rf_msg | messages | id |  | _author > _user.id | author = "_author"; file = { column = "path", kind = "text", title = "texts", document_class = "none" }
rf_file | attachments | id |  | _creator > _user.id | author = "_creator"; file = { column = "path", kind = "file", title = "files", document_class = "none" }
""",
)
OSCAR = tables(
    "oscar",
    """
auth_user | accounts | id | email email, first_name name, last_name name |  | one_person = true; erase = "blank"; blank = { email = "", first_name = "", last_name = "", username = "erased-{key}" }
address_useraddress | addresses | id | phone_number phone, first_name name, last_name name | user_id > auth_user.id | one_person = true
order_order | orders | id | guest_email email | user_id > auth_user.id | occurred_at = "date_placed"; erase = "blank"; blank = { guest_email = "" }; to_null = ["user_id"]
order_shippingaddress | delivery addresses | id | phone_number phone, first_name name, last_name name | id > order_order.shipping_address_id | erase = "blank"; blank = { first_name = "", last_name = "", line1 = "", phone_number = "", notes = "", search_text = "" }
order_line | lines | id |  | order_id > order_order.id | erase = "blank"; blank = { title = "" }
order_lineattribute | wishes | id |  | line_id > order_line.id
order_ordernote | notes | id |  | order_id > order_order.id
payment_source | payments | id |  | order_id > order_order.id
payment_transaction | transactions | id |  | source_id > payment_source.id
reviews_productreview | reviews | id | email email, name name | user_id > auth_user.id
wishlists_wishlist | wish lists | id |  | owner_id > auth_user.id
""",
)
ZNUNY_VIEWS = (
    """CREATE VIEW rf_phone AS SELECT id, object_id, value_text FROM dynamic_field_value
      WHERE field_id = (SELECT id FROM dynamic_field WHERE name = 'phone')""",
    """CREATE VIEW rf_born AS SELECT id, object_id, value_text FROM dynamic_field_value
      WHERE field_id = (SELECT id FROM dynamic_field WHERE name = 'born')""",
)
ZNUNY = tables(
    "znuny",
    """
customer_user | customers | id | email email, customer_id customer_id, phone phone, first_name name, last_name name |  | one_person = true
ticket | tickets | id | customer_user_id email, customer_id customer_id | customer_user_id > customer_user.login | one_person = true; erase = "blank"; blank = { title = "" }; to_null = ["customer_id", "customer_user_id"]
rf_phone | telephone numbers | id | value_text phone | object_id > ticket.id
rf_born | dates of birth | id | value_text birth_date | object_id > ticket.id
article | messages | id |  | ticket_id > ticket.id | erase = "blank"; to_null = ["insert_fingerprint"]
article_data_mime | texts | id | a_from email | article_id > article.id | one_person = false; author = "a_from"; hide = ["a_cc"]
article_data_mime_attachment | attachments | id |  | article_id > article_data_mime.article_id
article_search_index | words for the search | id |  | article_id > article_data_mime.article_id
ticket_history | history | id | name email | ticket_id > ticket.id, article_id > article.id | one_person = false
""",
)
ASDB = tables(
    "asdb",
    """
cust | customers | cust_no | cust_no customer_id, merged_into customer_id, last_name name, first_name name, birth_dt birth_date |  | one_person = true
cust_contact | contacts | id | val email, val phone, cust_no customer_id | cust_no > cust.cust_no, hh_no > cust.hh_no | one_person = true
cust_address | addresses | id |  | cust_no > cust.cust_no
device_owner | owned devices | dev_id cust_no from_dt |  | cust_no > cust.cust_no
device | devices | dev_id |  | dev_id > device_owner.dev_id | erase = "blank"; blank = { remark = "" }
repair_order | repair orders | order_no |  | cust_no > cust.cust_no
invoice | invoices | inv_no | bill_name name | debtor > cust.cust_no, ref_id > repair_order.order_no where ref_kind=R
payment | payments | pay_id | payer name | inv_no > invoice.inv_no
call_log | calls | call_id | remote_no phone
call_recording | recordings of calls | call_id seq |  | call_id > call_log.call_id | file = { column = "file_id", folder_column = "folder", kind = "recording", title = "files", document_class = "none" }
ticket | tickets | id | from_mail email, cc email | cust_no > cust.cust_no | one_person = false
ticket_message | messages | id | from_addr email | ticket_id > ticket.id | author = "from_addr"
attachment_link | attachments | id |  | ref_id > ticket_message.id where ref_table=ticket_message, ref_id > repair_order.order_no where ref_table=repair_order, ref_id > device.dev_id where ref_table=device | file = { column = "path", kind = "file", title = "files", document_class = "none" }
contract_person | parties of contracts | contract_no cust_no |  | cust_no > cust.cust_no
service_contract | contracts | contract_no |  | contract_no > contract_person.contract_no | erase = "blank"; to_null = ["memo"]
attrib | notes | id |  | ent_id > cust.cust_no where ent=cust, ent_id > cust.hh_no where ent=hh, ent_id > device.dev_id where ent=device
""",
)
