"""A double of a helpdesk that speaks Zendesk's Support API v2, for the demo and for tests over real connections.

    errors, defaults    the API's error bodies and the shapes of its records
    state, values,      everything the helpdesk holds; the format it is loaded from and dumped to
    loading
    helpdesk_data       the sandbox's world in that format
    profiles, casework, what the API does to users, tickets, comments and background jobs
    redaction, jobs,
    background
    searching, paging   the search language with its index delay; cursor and offset pages
    access, limits,     tokens and roles, rate limits, injected faults, the log of requests
    faults, journal
    routes_*, app       the HTTP surface
    server, __main__    in a thread for tests; as a process for the demo

Where Zendesk's public documents do not say what happens, the docstring of the function that decided says so with the
word *unverified*.
"""
