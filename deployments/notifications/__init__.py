"""How alerts reach people: the block that mails, and the automations on the Prefect server that use it."""
