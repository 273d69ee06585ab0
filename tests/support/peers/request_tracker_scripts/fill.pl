# Fills an instance of Request Tracker through its own classes: people, tickets that they share, notes with files.
# It reads what to fill in from the file that its first argument names, and writes the ids that were given to the second.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;
use Encode;
use JSON;
use MIME::Entity;

my ($given_at, $answer_at) = @ARGV;
open my $in, '<:raw', $given_at or die $!;
my $given = decode_json(do { local $/; <$in> });
close $in;

my $root = RT::CurrentUser->new;
$root->Load('root');
my $everyone = RT::Group->new($root);
$everyone->LoadSystemInternalGroup('Everyone');
my $queue = RT::Queue->new($root);
$queue->Load('General');
$everyone->PrincipalObj->GrantRight(Right => $_, Object => $queue)
    for qw(SeeQueue CreateTicket ReplyToTicket CommentOnTicket ShowTicket Watch);

sub message {
    my ($by, $said) = @_;
    my $mail = MIME::Entity->build(Type => 'multipart/mixed', From => $by, Subject => $said->{subject} // '');
    $mail->attach(Type => 'text/plain', Charset => 'utf-8', Data => [encode('UTF-8', $said->{body})]);
    $mail->attach(Type => 'application/octet-stream', Filename => $said->{file}, Data => [encode('UTF-8', $said->{content})])
        if $said->{file};
    return $mail;
}

my (%users, @tickets);
for my $person (@{$given->{people}}) {
    my $user = RT::User->new($root);
    my ($id, $why) = $user->Create(%$person, Privileged => 0);
    die "user: $why" unless $id;
    $users{$person->{Name}} = $id + 0;
}
for my $one (@{$given->{tickets}}) {
    my $by = RT::CurrentUser->new;
    $by->Load($one->{by});
    my $ticket = RT::Ticket->new($by);
    my ($id, undef, $why) = $ticket->Create(
        Queue => $queue->id, Requestor => $one->{requestors}, Cc => $one->{readers}, Subject => $one->{subject},
        MIMEObj => message($one->{by}, $one),
    );
    die "ticket: $why" unless $id;
    push @tickets, $id + 0;
    for my $note (@{$one->{notes}}) {
        my $writer = RT::CurrentUser->new;
        $writer->Load($note->{by});
        my $seen = RT::Ticket->new($writer);
        $seen->Load($id);
        my ($done, $reason) = $seen->Correspond(MIMEObj => message($note->{by}, $note));
        die "note: $reason" unless $done;
    }
}
open my $out, '>:raw', $answer_at or die $!;
print $out encode_json({users => \%users, tickets => \@tickets});
close $out or die $!;
