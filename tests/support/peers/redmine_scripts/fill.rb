# Fills an empty Redmine by its own models: people with custom fields, issues, notes by several people, attachments
# (identical ones are stored once) and wiki pages with attachments. Reads the plan, writes the users' numbers.
require "active_support/testing/time_helpers"

extend ActiveSupport::Testing::TimeHelpers

class Upload < StringIO
  attr_reader :original_filename

  def initialize(name, content)
    super(content.b)
    @original_filename = name
  end

  def content_type
    "text/plain"
  end
end

def attach(files)
  files.map { |file| { "file" => Upload.new(file["name"], file["content"]), "description" => file.fetch("description", "") } }
end

plan = JSON.parse(File.read(ARGV[0]))
Redmine::DefaultData::Loader.load("en")
Setting.notified_events = []
Setting.default_language = "en"
Setting.text_formatting = "common_mark"

PHONE = UserCustomField.create!(name: "Phone", field_format: "string", editable: true)
CUSTOMER = UserCustomField.create!(name: "Customer number", field_format: "string", editable: true)
CALLBACK = IssueCustomField.create!(name: "Call back", field_format: "string", is_for_all: true, tracker_ids: Tracker.pluck(:id))

users = plan["people"].to_h do |person|
  user = User.new(firstname: person["first"], lastname: person["last"], mail: person["emails"][0], language: "en")
  user.login = person["login"]
  user.password = user.password_confirmation = SecureRandom.alphanumeric(20)
  user.custom_field_values = { PHONE.id.to_s => person["phone"], CUSTOMER.id.to_s => person["customer"] }
  user.save!
  user.pref.save!
  person["emails"].drop(1).each { |address| EmailAddress.create!(user: user, address: address) }
  [person["key"], user]
end

project = Project.new(name: "Service", identifier: "service", is_public: true)
project.enabled_module_names = %w[issue_tracking wiki]
project.trackers = Tracker.all
project.save!
project.issue_custom_fields = [CALLBACK]

# The pages come first, so that their numbers are those of the issues as well.
wiki = project.wiki || Wiki.create!(project: project, start_page: "Start")
plan["pages"].each do |page|
  stored = WikiPage.new(wiki: wiki, title: page["title"])
  stored.save_with_content(WikiContent.new(page: stored, text: page["text"], author: users[page["author"]])) || raise("page")
  stored.reload
  User.current = users[page["author"]]
  stored.save_attachments(attach(page["files"]))
  stored.attach_saved_attachments
end

issues = plan["issues"].map do |given|
  travel_to(Time.zone.parse(given["at"])) do
    User.current = users[given["author"]]
    issue = Issue.new(project: project, tracker: project.trackers.first, author: User.current,
                      subject: given["subject"], description: given["text"])
    issue.status = issue.tracker.default_status
    issue.priority = IssuePriority.default || IssuePriority.first
    issue.custom_field_values = { CALLBACK.id.to_s => given["callback"] } if given["callback"]
    issue.save_attachments(attach(given["files"]), User.current)
    issue.save!
    given["watchers"].each { |key| Watcher.create!(watchable: issue, user: users[key]) }
    [issue, given]
  end
end

issues.each do |issue, given|
  given["notes"].each do |note|
    travel_to(Time.zone.parse(note["at"])) do
      # Read anew: an issue in memory goes on with its last journal.
      issue = Issue.find(issue.id)
      User.current = users[note["author"]]
      issue.init_journal(User.current, note["text"])
      issue.private_notes = note["private"]
      issue.done_ratio = note["done"] if note["done"]
      issue.save_attachments(attach(note["files"]), User.current)
      issue.save!
    end
  end
end

File.write(ARGV[1], JSON.dump(users.transform_values(&:id)))
