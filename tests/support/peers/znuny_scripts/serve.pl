#!/usr/bin/perl
# Sets up the web service of connectors/rest/files/znuny.toml, and the password of the agent who calls it.
use strict;
use warnings;
use utf8;
use JSON::XS;
use Kernel::System::ObjectManager;

my ($given_at, $answer_at) = @ARGV;
open my $in, '<:raw', $given_at or die "$given_at: $!";
my $given = decode_json(do { local $/; <$in> });
local $Kernel::OM = Kernel::System::ObjectManager->new(LogObject => { LogPrefix => 'serve' });
$Kernel::OM->Get('Kernel::System::User')->SetPassword(UserLogin => 'root@localhost', PW => $given->{password}) or die 'no password';
my %routes = (
    SessionCreate => [ '/Session',          'POST' ],
    TicketSearch  => [ '/Search',           'GET' ],
    TicketGet     => [ '/Ticket/:TicketID', 'GET' ],
    TicketUpdate  => [ '/Ticket/:TicketID', 'PATCH' ],
);
my %operation = map {
    $_ => { Type => ($_ eq 'SessionCreate' ? 'Session' : 'Ticket') . "::$_", Description => '', MappingInbound => {}, MappingOutbound => {} }
} keys %routes;
my %mapping = map { $_ => { Route => $routes{$_}[0], RequestMethod => [ $routes{$_}[1] ], ParserBackend => 'JSON' } } keys %routes;
$Kernel::OM->Get('Kernel::System::GenericInterface::Webservice')->WebserviceAdd(
    Name   => 'rightsflow',
    Config => {
        Description      => '', RemoteSystem => '', FrameworkVersion => '6.5.x',
        Debugger         => { DebugThreshold => 'error', TestMode => 0 },
        Requester        => { Transport => { Type => '' } },
        Provider         => {
            Transport => { Type => 'HTTP::REST', Config => { MaxLength => 1_000_000, KeepAlive => '', AdditionalHeaders => '', RouteOperationMapping => \%mapping } },
            Operation => \%operation,
        },
    },
    ValidID => 1, UserID => 1,
) or die 'no web service';
open my $out, '>:raw', $answer_at or die "$answer_at: $!";
print {$out} encode_json([]);
