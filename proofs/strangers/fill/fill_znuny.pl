#!/usr/bin/perl
# Fills a Znuny by its own modules: customer users, tickets, articles, attachments, dynamic fields.
use strict;
use warnings;
use utf8;
use JSON::XS;
use MIME::Base64;
use Kernel::System::ObjectManager;

my ($given_at, $answer_at) = @ARGV;
open my $in, '<:raw', $given_at or die "$given_at: $!";
my $given = decode_json(do { local $/; <$in> });
local $Kernel::OM = Kernel::System::ObjectManager->new(LogObject => { LogPrefix => 'fill' });
my %object = map { $_ => $Kernel::OM->Get("Kernel::System::$_") } qw(CustomerUser Ticket DynamicField Queue);
my $articles = $Kernel::OM->Get('Kernel::System::Ticket::Article')->BackendForChannel(ChannelName => 'Email');
my $values = $Kernel::OM->Get('Kernel::System::DynamicField::Backend');
my (%person, %field, @numbers);

for my $name (qw(phone born)) {
    $object{DynamicField}->DynamicFieldAdd(
        Name => $name, Label => $name, FieldOrder => 100, FieldType => 'Text', ObjectType => 'Ticket',
        Config => { DefaultValue => '' }, ValidID => 1, UserID => 1,
    ) or die "no field $name";
    $field{$name} = $object{DynamicField}->DynamicFieldGet(Name => $name);
}
for my $one (@{ $given->{people} }) {
    $person{ $one->{number} } = $one;
    next if $one->{number} eq 'agnes';
    $object{CustomerUser}->CustomerUserAdd(
        Source => 'CustomerUser', UserFirstname => $one->{first}, UserLastname => $one->{last},
        UserCustomerID => $one->{customer}, UserLogin => $one->{login}, UserEmail => $one->{emails}[0],
        UserPhone => $one->{phones}[0], ValidID => 1, UserID => 1,
    ) or die "no user $one->{login}";
}
sub address {
    my $number = shift;
    return '' if !defined $number;
    return qq("$person{$number}{name}" <$person{$number}{emails}[0]>);
}
sub article {
    my ($ticket, $one, $subject, $cc, $from) = @_;
    my $by_staff = defined $one->{author} && $one->{author} eq 'agnes';
    my $file = $one->{file};
    $articles->ArticleCreate(
        TicketID => $ticket, IsVisibleForCustomer => $one->{internal} ? 0 : 1, SenderType => $by_staff ? 'agent' : 'customer',
        From => $from, To => 'Care <care@care.example.com>', Cc => $cc, Subject => $subject, Body => $one->{text},
        ContentType => 'text/plain; charset=utf-8', HistoryType => $by_staff ? 'SendAnswer' : 'EmailCustomer',
        HistoryComment => "\%\%$from", UserID => 1, NoAgentNotify => 1,
        Attachment => $file ? [ { Content => $file->{content}, ContentType => 'text/plain', Filename => $file->{name} } ] : [],
    ) or die "no article in $ticket";
    return;
}
for my $one (@{ $given->{tickets} }) {
    my $writer = defined $one->{author} ? $person{ $one->{author} } : undef;
    my $ticket = $object{Ticket}->TicketCreate(
        Title => $one->{subject}, QueueID => 1, Lock => 'unlock', Priority => '3 normal', State => 'closed successful',
        CustomerID => $writer ? $writer->{customer} : '', CustomerUser => $writer ? $writer->{login} : $one->{email},
        OwnerID => 1, UserID => 1,
    ) or die 'no ticket';
    push @numbers, $ticket;
    for my $name (qw(phone born)) {
        next if !$one->{$name};
        $values->ValueSet(DynamicFieldConfig => $field{$name}, ObjectID => $ticket, Value => $one->{$name}, UserID => 1);
    }
    my $cc = join ', ', map { address($_) } @{ $one->{cc} };
    article($ticket, { author => $one->{author}, text => $one->{text} }, $one->{subject}, $cc, address($one->{author}) || $one->{email});
    for my $message (@{ $one->{messages} }) {
        article($ticket, $message, 'Re: Kettle', '', address($message->{author}) || $one->{email});
    }
}
open my $out, '>:raw', $answer_at or die "$answer_at: $!";
print {$out} encode_json(\@numbers);
