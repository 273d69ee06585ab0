"""Test tools for authors of connectors: the conformance suite and complete fakes.

A connector's test module subclasses the suite and provides one fixture, ``bench``, with fresh peer state per test::

    from rightsflow.testing.bench import Bench
    from rightsflow.testing.conformance import ConnectorConformance

    class TestConformance(ConnectorConformance):
        @pytest.fixture
        def bench(self, helpdesk_peer):
            yield Bench(connector=..., known=..., nobody=..., expected={"ticket": 2, "user": 1}, ...)

``rightsflow.testing.conformance`` needs pytest; ``rightsflow.testing.fakes`` needs nothing but this package.
"""
