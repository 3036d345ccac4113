# Queues that the agents work in, three agents without administrator's rights and one with still fewer rights, the fields that
# Deskbell knows.
@Groups = (
    { Name => 'Agents', Description => 'support agents' },
    # Sees fields in the queues only, and may not change them.
    { Name => 'Narrow', Description => 'few rights' },
);
@Users = (
    map { { Name => $_, EmailAddress => "$_\@rt.test", RealName => ucfirst $_, Password => "secret-$_", Privileged => 1 } }
        qw(alice bob carol dave)
);
push @Members, { Group => 'Narrow', GroupDomain => 'UserDefined', Class => 'RT::User', Name => 'dave' };
push @Members, map { { Group => 'Agents', GroupDomain => 'UserDefined', Class => 'RT::User', Name => $_ } } qw(alice bob carol);
@Queues = (
    { Name => 'Support', Description => 'support', CorrespondAddress => 'support@rt.test', SLADisabled => 0 },
    { Name => 'VIP', Description => 'vip', CorrespondAddress => 'vip@rt.test', SLADisabled => 0 },
    # Without any custom field: no marker, no tags.
    { Name => 'Plain', Description => 'no fields', CorrespondAddress => 'plain@rt.test' },
    # Invisible to agents: what happens here must not disturb a pull.
    { Name => 'Internal', Description => 'not for agents', CorrespondAddress => 'internal@rt.test' },
);
@ACL = (
    # By queue, so that Internal and General stay closed.
    (
        map {
            my $queue = $_;
            map { { GroupDomain => 'UserDefined', GroupId => 'Agents', Right => $_, Queue => $queue } }
                qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket OwnTicket
                ModifyTicket TakeTicket StealTicket ReassignTicket SeeCustomField ModifyCustomField
                SetInitialCustomField Watch)
        } qw(Support VIP Plain)
    ),
    (map { { GroupDomain => 'UserDefined', GroupId => 'Agents', Right => $_ } } qw(ModifySelf SeeGroup SeeCustomField)),
    (
        map { { GroupDomain => 'UserDefined', GroupId => 'Narrow', Right => $_, Queue => 'Support' } }
            qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket ModifyTicket SeeCustomField)
    ),
    # The mail gateway, for a customer's mail.
    (map { { GroupDomain => 'SystemInternal', GroupType => 'Everyone', Right => $_, Queue => 'Support' } } qw(CreateTicket ReplyToTicket)),
);
@CustomFields = (
    {
        Name => 'Severity', Type => 'SelectSingle', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => [qw(Support VIP)],
        Values => [map { { Name => $_ } } qw(Low Medium High)],
    },
    {
        Name => 'Regions', Type => 'SelectMultiple', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => [qw(Support VIP)],
        Values => [map { { Name => $_ } } ('Beijing, China', 'Beijing', 'Hangzhou', 'Paris')],
    },
    { Name => 'Tags', Type => 'FreeformMultiple', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => [qw(Support VIP)] },
    { Name => 'Instance', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => [qw(Support VIP)] },
    { Name => 'Appointment', Type => 'DateTimeSingle', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => [qw(Support VIP)] },
    # The marker of a new ticket, by which Deskbell finds it again.
    { Name => 'Client Mutation Id', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => [qw(Support VIP)] },
    # The marker of a reply.
    {
        Name => 'Txn Mutation Id', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket-RT::Transaction',
        ApplyTo => [qw(Support VIP)],
    },
);
1;
