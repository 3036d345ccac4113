# Two queues that the agents work in, three agents without administrator's rights, the fields that Deskbell knows.
@Groups = ({ Name => 'Agents', Description => 'support agents' });
@Users = (
    map { { Name => $_, EmailAddress => "$_\@rt.test", RealName => ucfirst $_, Password => "secret-$_", Privileged => 1 } }
        qw(alice bob carol)
);
push @Members, map { { Group => 'Agents', GroupDomain => 'UserDefined', Class => 'RT::User', Name => $_ } } qw(alice bob carol);
@Queues = (
    { Name => 'Support', Description => 'support', CorrespondAddress => 'support@rt.test', SLADisabled => 0 },
    { Name => 'VIP', Description => 'vip', CorrespondAddress => 'vip@rt.test', SLADisabled => 0 },
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
        } qw(Support VIP)
    ),
    (map { { GroupDomain => 'UserDefined', GroupId => 'Agents', Right => $_ } } qw(ModifySelf SeeGroup)),
);
@CustomFields = (
    {
        Name => 'Severity', Type => 'SelectSingle', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => [qw(Support VIP)],
        Values => [map { { Name => $_ } } qw(Low Medium High)],
    },
    # The marker of a reply, by which Deskbell finds it again.
    {
        Name => 'Txn Mutation Id', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket-RT::Transaction',
        ApplyTo => [qw(Support VIP)],
    },
);
1;
