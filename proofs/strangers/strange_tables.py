"""What an integrator writes for the strange systems: views, and the tables of each, from our documentation alone."""

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
TRAC = """
[[systems.trac.tables]]
name = "rf_account"
title = "accounts"
key = ["sid"]
identities = [
  { column = "sid", kind = "account_id" }, { column = "email", kind = "email" }, { column = "name", kind = "name" },
]

[[systems.trac.tables]]
name = "rf_name"
title = "names"
key = ["sid"]
references = [{ column = "sid", table = "rf_account", to = "sid" }]

[[systems.trac.tables]]
name = "session"
title = "sessions"
key = ["sid", "authenticated"]
references = [{ column = "sid", table = "rf_account", to = "sid" }]

[[systems.trac.tables]]
name = "rf_ticket"
title = "tickets"
key = ["id"]
one_person = false
identities = [
  { column = "reporter", kind = "email" }, { column = "phone", kind = "phone" },
  { column = "born", kind = "birth_date" },
]
references = [{ column = "reporter", table = "rf_account", to = "sid" }]
erase = "blank"
hide = ["cc"]
blank = { reporter = "", summary = "", description = "", phone = "", born = "" }

[[systems.trac.tables]]
name = "ticket_custom"
title = "further fields"
key = ["ticket", "name"]
references = [{ column = "ticket", table = "rf_ticket", to = "id" }]

[[systems.trac.tables]]
name = "ticket_change"
title = "changes"
key = ["ticket", "time", "field"]
identities = [{ column = "author", kind = "email" }]
references = [
  { column = "ticket", table = "rf_ticket", to = "id" }, { column = "author", table = "rf_account", to = "sid" },
]
author = "author"

[[systems.trac.tables]]
name = "attachment"
title = "attachments"
key = ["type", "id", "filename"]
identities = [{ column = "author", kind = "email" }]
references = [
  { column = "id", table = "rf_ticket", to = "named", where = { type = "ticket" } },
  { column = "author", table = "rf_account", to = "sid" },
]
author = "author"
file = { column = "rf_path", kind = "file", title = "files", document_class = "none" }
"""

_ROUNDUP_FILE = """CREATE VIEW rf_{0} AS SELECT *,
  CASE WHEN _type = 'erased' THEN '' ELSE 'files/{0}/' || id / 1000 || '/{0}' || id END AS path FROM _{0}"""
_ROUNDUP_RULES = (
    "CREATE RULE blank AS ON UPDATE TO rf_{0} DO INSTEAD UPDATE _{0} SET _type = 'erased' WHERE id = OLD.id",
    "CREATE RULE gone AS ON DELETE TO rf_{0} DO INSTEAD DELETE FROM _{0} WHERE id = OLD.id",
)
ROUNDUP_VIEWS = (*(text.format(kind) for kind in ("msg", "file") for text in (_ROUNDUP_FILE, *_ROUNDUP_RULES)),)
ROUNDUP = """
[[systems.roundup.tables]]
name = "_user"
kind = "account"
title = "accounts"
key = ["id"]
one_person = true
identities = [
  { column = "_address", kind = "email" }, { column = "_alternate_addresses", kind = "email" },
  { column = "_phone", kind = "phone" }, { column = "_realname", kind = "name" },
]
erase = "blank"
blank = { _username = "erased-{key}", _address = "", _alternate_addresses = "", _phone = "", _realname = "" }

[[systems.roundup.tables]]
name = "_issue"
kind = "issue"
title = "issues"
key = ["id"]
references = [{ column = "_creator", table = "_user", to = "id" }]
author = "_creator"
erase = "blank"
blank = { _title = "" }

[[systems.roundup.tables]]
name = "issue_nosy"
title = "followed issues"
key = ["nodeid", "linkid"]
references = [{ column = "linkid", table = "_user", to = "id" }]

[[systems.roundup.tables]]
name = "issue_messages"
title = "messages of issues"
key = ["nodeid", "linkid"]
references = [{ column = "linkid", table = "rf_msg", to = "id" }]

[[systems.roundup.tables]]
name = "issue_files"
title = "files of issues"
key = ["nodeid", "linkid"]
references = [{ column = "linkid", table = "rf_file", to = "id" }]

[[systems.roundup.tables]]
name = "rf_msg"
title = "messages"
key = ["id"]
references = [{ column = "_author", table = "_user", to = "id" }]
author = "_author"
file = { column = "path", kind = "text", title = "texts", document_class = "none" }

[[systems.roundup.tables]]
name = "rf_file"
title = "attachments"
key = ["id"]
references = [{ column = "_creator", table = "_user", to = "id" }]
author = "_creator"
file = { column = "path", kind = "file", title = "files", document_class = "none" }
"""

OSCAR = """
[[systems.oscar.tables]]
name = "auth_user"
title = "accounts"
key = ["id"]
one_person = true
identities = [
  { column = "email", kind = "email" },
  { column = "first_name", kind = "name" }, { column = "last_name", kind = "name" },
]
erase = "blank"
blank = { email = "", first_name = "", last_name = "", username = "erased-{key}" }

[[systems.oscar.tables]]
name = "address_useraddress"
title = "addresses"
key = ["id"]
one_person = true
identities = [
  { column = "phone_number", kind = "phone" }, { column = "first_name", kind = "name" },
  { column = "last_name", kind = "name" },
]
references = [{ column = "user_id", table = "auth_user", to = "id" }]

[[systems.oscar.tables]]
name = "order_order"
title = "orders"
key = ["id"]
occurred_at = "date_placed"
identities = [{ column = "guest_email", kind = "email" }]
references = [{ column = "user_id", table = "auth_user", to = "id" }]
erase = "blank"
blank = { guest_email = "" }
to_null = ["user_id"]

[[systems.oscar.tables]]
name = "order_shippingaddress"
title = "delivery addresses"
key = ["id"]
identities = [
  { column = "phone_number", kind = "phone" }, { column = "first_name", kind = "name" },
  { column = "last_name", kind = "name" },
]
references = [{ column = "id", table = "order_order", to = "shipping_address_id" }]
erase = "blank"
blank = { first_name = "", last_name = "", line1 = "", phone_number = "", notes = "", search_text = "" }

[[systems.oscar.tables]]
name = "order_line"
title = "lines"
key = ["id"]
references = [{ column = "order_id", table = "order_order", to = "id" }]
erase = "blank"
blank = { title = "" }

[[systems.oscar.tables]]
name = "order_lineattribute"
title = "wishes"
key = ["id"]
references = [{ column = "line_id", table = "order_line", to = "id" }]

[[systems.oscar.tables]]
name = "order_ordernote"
title = "notes"
key = ["id"]
references = [{ column = "order_id", table = "order_order", to = "id" }]

[[systems.oscar.tables]]
name = "payment_source"
title = "payments"
key = ["id"]
references = [{ column = "order_id", table = "order_order", to = "id" }]

[[systems.oscar.tables]]
name = "payment_transaction"
title = "transactions"
key = ["id"]
references = [{ column = "source_id", table = "payment_source", to = "id" }]

[[systems.oscar.tables]]
name = "reviews_productreview"
title = "reviews"
key = ["id"]
identities = [{ column = "email", kind = "email" }, { column = "name", kind = "name" }]
references = [{ column = "user_id", table = "auth_user", to = "id" }]

[[systems.oscar.tables]]
name = "wishlists_wishlist"
title = "wish lists"
key = ["id"]
references = [{ column = "owner_id", table = "auth_user", to = "id" }]
"""

ZNUNY_VIEWS = (
    """CREATE VIEW rf_phone AS SELECT id, object_id, value_text FROM dynamic_field_value
      WHERE field_id = (SELECT id FROM dynamic_field WHERE name = 'phone')""",
    """CREATE VIEW rf_born AS SELECT id, object_id, value_text FROM dynamic_field_value
      WHERE field_id = (SELECT id FROM dynamic_field WHERE name = 'born')""",
)
ZNUNY = """
[[systems.znuny.tables]]
name = "customer_user"
title = "customers"
key = ["id"]
one_person = true
identities = [
  { column = "email", kind = "email" }, { column = "customer_id", kind = "customer_id" },
  { column = "phone", kind = "phone" }, { column = "first_name", kind = "name" },
  { column = "last_name", kind = "name" },
]

[[systems.znuny.tables]]
name = "ticket"
title = "tickets"
key = ["id"]
one_person = true
identities = [{ column = "customer_user_id", kind = "email" }, { column = "customer_id", kind = "customer_id" }]
references = [{ column = "customer_user_id", table = "customer_user", to = "login" }]
erase = "blank"
blank = { title = "" }
to_null = ["customer_id", "customer_user_id"]

[[systems.znuny.tables]]
name = "rf_phone"
title = "telephone numbers"
key = ["id"]
identities = [{ column = "value_text", kind = "phone" }]
references = [{ column = "object_id", table = "ticket", to = "id" }]

[[systems.znuny.tables]]
name = "rf_born"
title = "dates of birth"
key = ["id"]
identities = [{ column = "value_text", kind = "birth_date" }]
references = [{ column = "object_id", table = "ticket", to = "id" }]

[[systems.znuny.tables]]
name = "article"
title = "messages"
key = ["id"]
references = [{ column = "ticket_id", table = "ticket", to = "id" }]
erase = "blank"
to_null = ["insert_fingerprint"]

[[systems.znuny.tables]]
name = "article_data_mime"
title = "texts"
key = ["id"]
one_person = false
identities = [{ column = "a_from", kind = "email" }]
references = [{ column = "article_id", table = "article", to = "id" }]
author = "a_from"
hide = ["a_cc"]

[[systems.znuny.tables]]
name = "article_data_mime_attachment"
title = "attachments"
key = ["id"]
references = [{ column = "article_id", table = "article_data_mime", to = "article_id" }]

[[systems.znuny.tables]]
name = "article_search_index"
title = "words for the search"
key = ["id"]
references = [{ column = "article_id", table = "article_data_mime", to = "article_id" }]

[[systems.znuny.tables]]
name = "ticket_history"
title = "history"
key = ["id"]
one_person = false
identities = [{ column = "name", kind = "email" }]
references = [
  { column = "ticket_id", table = "ticket", to = "id" }, { column = "article_id", table = "article", to = "id" },
]
"""

ASDB = """
[[systems.asdb.tables]]
name = "cust"
title = "customers"
key = ["cust_no"]
one_person = true
identities = [
  { column = "cust_no", kind = "customer_id" }, { column = "merged_into", kind = "customer_id" },
  { column = "last_name", kind = "name" }, { column = "first_name", kind = "name" },
  { column = "birth_dt", kind = "birth_date" },
]

[[systems.asdb.tables]]
name = "cust_contact"
title = "contacts"
key = ["id"]
one_person = true
identities = [
  { column = "val", kind = "email" }, { column = "val", kind = "phone" }, { column = "cust_no", kind = "customer_id" },
]
references = [
  { column = "cust_no", table = "cust", to = "cust_no" }, { column = "hh_no", table = "cust", to = "hh_no" },
]

[[systems.asdb.tables]]
name = "cust_address"
title = "addresses"
key = ["id"]
references = [{ column = "cust_no", table = "cust", to = "cust_no" }]

[[systems.asdb.tables]]
name = "device_owner"
title = "owned devices"
key = ["dev_id", "cust_no", "from_dt"]
references = [{ column = "cust_no", table = "cust", to = "cust_no" }]

[[systems.asdb.tables]]
name = "device"
title = "devices"
key = ["dev_id"]
references = [{ column = "dev_id", table = "device_owner", to = "dev_id" }]
erase = "blank"
blank = { remark = "" }

[[systems.asdb.tables]]
name = "repair_order"
title = "repair orders"
key = ["order_no"]
references = [{ column = "cust_no", table = "cust", to = "cust_no" }]

[[systems.asdb.tables]]
name = "invoice"
title = "invoices"
key = ["inv_no"]
identities = [{ column = "bill_name", kind = "name" }]
references = [
  { column = "debtor", table = "cust", to = "cust_no" },
  { column = "ref_id", table = "repair_order", to = "order_no", where = { ref_kind = "R" } },
]

[[systems.asdb.tables]]
name = "payment"
title = "payments"
key = ["pay_id"]
identities = [{ column = "payer", kind = "name" }]
references = [{ column = "inv_no", table = "invoice", to = "inv_no" }]

[[systems.asdb.tables]]
name = "call_log"
title = "calls"
key = ["call_id"]
identities = [{ column = "remote_no", kind = "phone" }]

[[systems.asdb.tables]]
name = "call_recording"
title = "recordings of calls"
key = ["call_id", "seq"]
references = [{ column = "call_id", table = "call_log", to = "call_id" }]
file = { column = "file_id", folder_column = "folder", kind = "recording", title = "files", document_class = "none" }

[[systems.asdb.tables]]
name = "ticket"
title = "tickets"
key = ["id"]
one_person = false
identities = [{ column = "from_mail", kind = "email" }, { column = "cc", kind = "email" }]
references = [{ column = "cust_no", table = "cust", to = "cust_no" }]

[[systems.asdb.tables]]
name = "ticket_message"
title = "messages"
key = ["id"]
identities = [{ column = "from_addr", kind = "email" }]
references = [{ column = "ticket_id", table = "ticket", to = "id" }]
author = "from_addr"

[[systems.asdb.tables]]
name = "attachment_link"
title = "attachments"
key = ["id"]
references = [
  { column = "ref_id", table = "ticket_message", to = "id", where = { ref_table = "ticket_message" } },
  { column = "ref_id", table = "repair_order", to = "order_no", where = { ref_table = "repair_order" } },
  { column = "ref_id", table = "device", to = "dev_id", where = { ref_table = "device" } },
]
file = { column = "path", kind = "file", title = "files", document_class = "none" }

[[systems.asdb.tables]]
name = "contract_person"
title = "parties of contracts"
key = ["contract_no", "cust_no"]
references = [{ column = "cust_no", table = "cust", to = "cust_no" }]

[[systems.asdb.tables]]
name = "service_contract"
title = "contracts"
key = ["contract_no"]
references = [{ column = "contract_no", table = "contract_person", to = "contract_no" }]
erase = "blank"
to_null = ["memo"]

[[systems.asdb.tables]]
name = "attrib"
title = "notes"
key = ["id"]
references = [
  { column = "ent_id", table = "cust", to = "cust_no", where = { ent = "cust" } },
  { column = "ent_id", table = "cust", to = "hh_no", where = { ent = "hh" } },
  { column = "ent_id", table = "device", to = "dev_id", where = { ent = "device" } },
]
"""
