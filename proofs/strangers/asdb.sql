-- The after-sales database of a household-appliance dealer, grown since 2010, as a developer wrote it who had not seen
-- our code; shortened to the tables in which people share things. There is no table of households, and hh_no is not unique.
CREATE TABLE cust (cust_no INT PRIMARY KEY, hh_no INT, last_name VARCHAR(80) NOT NULL, first_name VARCHAR(80),
  birth_dt DATE, notes TEXT, merged_into INT);
CREATE TABLE cust_contact (id INT PRIMARY KEY, cust_no INT REFERENCES cust (cust_no), hh_no INT, typ VARCHAR(4) NOT NULL,
  val VARCHAR(120) NOT NULL, remark VARCHAR(255));
CREATE TABLE cust_address (id INT PRIMARY KEY, cust_no INT NOT NULL, street VARCHAR(120), valid_to DATE, access_hint VARCHAR(255));
CREATE TABLE device (dev_id INT PRIMARY KEY, model VARCHAR(60) NOT NULL, remark TEXT);
CREATE TABLE device_owner (dev_id INT NOT NULL REFERENCES device (dev_id), cust_no INT NOT NULL, from_dt VARCHAR(10) NOT NULL,
  how VARCHAR(255), PRIMARY KEY (dev_id, cust_no, from_dt));
CREATE TABLE repair_order (order_no CHAR(10) PRIMARY KEY, cust_no INT, dev_id INT REFERENCES device (dev_id),
  rcv_date CHAR(8) NOT NULL, fault TEXT);
CREATE TABLE invoice (inv_no INT PRIMARY KEY, ref_kind CHAR(1) NOT NULL, ref_id VARCHAR(20) NOT NULL, debtor INT,
  bill_name VARCHAR(60) NOT NULL, foot_text VARCHAR(255));
CREATE TABLE payment (pay_id INT PRIMARY KEY, inv_no INT, payer VARCHAR(80), purpose VARCHAR(255));
CREATE TABLE call_log (call_id VARCHAR(32) PRIMARY KEY, remote_no VARCHAR(32), auto_cust INT, summary TEXT);
CREATE TABLE call_recording (call_id VARCHAR(32) NOT NULL REFERENCES call_log (call_id), seq INT NOT NULL, folder VARCHAR(9),
  file_id VARCHAR(40) NOT NULL, PRIMARY KEY (call_id, seq));
CREATE TABLE ticket (id INT PRIMARY KEY, cust_no INT, from_mail VARCHAR(190), cc TEXT, subject VARCHAR(255));
CREATE TABLE ticket_message (id INT PRIMARY KEY, ticket_id INT NOT NULL REFERENCES ticket (id), from_addr VARCHAR(190), body TEXT);
CREATE TABLE attachment_link (id INT PRIMARY KEY, path VARCHAR(80) NOT NULL, ref_table VARCHAR(30) NOT NULL,
  ref_id VARCHAR(30) NOT NULL, label VARCHAR(190));
CREATE TABLE service_contract (contract_no VARCHAR(12) PRIMARY KEY, product VARCHAR(60), memo TEXT);
CREATE TABLE contract_person (contract_no VARCHAR(12) NOT NULL REFERENCES service_contract (contract_no), cust_no INT NOT NULL,
  role VARCHAR(20), memo VARCHAR(255), PRIMARY KEY (contract_no, cust_no));
CREATE TABLE attrib (id INT PRIMARY KEY, ent VARCHAR(12) NOT NULL, ent_id VARCHAR(20) NOT NULL, k VARCHAR(40) NOT NULL, v TEXT);
