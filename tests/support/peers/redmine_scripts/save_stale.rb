# An agent saves an issue with the form that was opened before: with the texts and the version of then.
given = JSON.parse(File.read(ARGV[0]))
User.current = User.find_by_login("agent0")
issue = Issue.find(given["id"])
issue.lock_version = given["lock_version"]
issue.subject, issue.description = given["subject"], given["description"]
came =
  begin
    issue.save! ? "saved" : "refused"
  rescue ActiveRecord::StaleObjectError
    "stale"
  end
File.write(ARGV[1], JSON.dump(came))
