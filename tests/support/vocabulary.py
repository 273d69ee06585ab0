"""The Data Privacy Vocabulary 2.3 as far as the tests need it (``dpv_terms.txt``), and triples checked by it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from rdflib import RDF, Graph, URIRef

from rightsflow.audit.evidence.dpv_terms import CONTEXT

_FILE = Path(__file__).with_name("dpv_terms.txt")
TYPE = "rdf:type"


@cache
def read():
    """The namespaces by prefix, the kind of every term, and what is said of some: ``{term: {"a": {…}}}``."""
    namespaces, kinds, relations, kind, prefix = {}, {}, {}, "", ""
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            prefix, _, iri = line.strip("[]").partition(" ")
            namespaces |= {prefix: iri} if iri else {}
        elif line in {"Classes:", "Properties:"}:
            kind = {"Classes:": "class", "Properties:": "property"}[line]
        elif line.startswith("  "):
            kinds |= {f"{prefix}:{name}": kind for name in line.split()}
        elif prefix == "relations" and line:
            term, *said = line.split(" | ")
            relations[term] = {one.split()[0]: set(one.split()[1:]) for one in said}
    return namespaces, kinds, relations


def kind(term):
    """``class``, ``property``, or empty for what the vocabulary does not have."""
    return read()[1].get(term, "")


def said(term, relation):
    """What the vocabulary says of a term."""
    return read()[2].get(term, {}).get(relation, set())


def reaches(term, goal):
    """Whether a term is another one, or an instance or a narrower one of it, over as many steps as it takes."""
    seen, waiting = set(), [term]
    while waiting:
        one = waiting.pop()
        if one == goal:
            return True
        if one not in seen:
            seen.add(one)
            waiting += [*said(one, "under"), *said(one, "a")]
    return False


def short(iri):
    """An IRI of the vocabulary with its prefix; any other as it is."""
    for prefix, start in read()[0].items():
        # The namespace of the vocabulary is the start of none of its extensions, which end before the sign.
        if str(iri).startswith(start):
            return f"{prefix}:{str(iri)[len(start) :]}"
    return TYPE if iri == RDF.type else str(iri)


def triples(document):
    """A document as RDF, by a reader that knows nothing of ours."""
    return Graph().parse(data=json.dumps(document), format="json-ld")


def expanded(name):
    """A key or a value as the context spells it out; a key that it does not know is the caller's fault."""
    meaning = CONTEXT.get(name, name)
    compact = meaning["@id"] if isinstance(meaning, dict) else meaning
    prefix, _, rest = compact.partition(":")
    return CONTEXT[prefix] + rest if prefix in CONTEXT else compact


def statements(document):
    """What a document says, counted by hand: ``{(subject, predicate, object)}``, literals as their text."""
    found, waiting = set(), list(document["@graph"])
    while waiting:
        node = waiting.pop()
        subject = expanded(node["@id"])
        for key, value in node.items():
            for one in value if isinstance(value, list) else [value]:
                if key == "@type":
                    found.add((subject, str(RDF.type), expanded(one)))
                elif key != "@id" and isinstance(one, dict):
                    found.add((subject, expanded(key), expanded(one["@id"])))
                    waiting.append(one)
                elif key != "@id":
                    found.add((subject, expanded(key), str(one)))
    return found


def objections(graph):
    """What the vocabulary has against a graph: unknown terms, wrong kinds, domains and ranges that do not fit."""
    types = {}
    for subject, thing in graph.subject_objects(RDF.type):
        types.setdefault(subject, set()).add(short(thing))
    for subject, predicate, thing in graph:
        name = short(predicate)
        yield from _unknown(name, "property")
        if isinstance(thing, URIRef):
            yield from _unknown(short(thing), "class")
        yield from _misfit(name, "of", types.get(subject, set()))
        if said(name, "to"):
            yield from _misfit(name, "to", types.get(thing, set()) | {short(thing)})


def _unknown(name, wanted):
    if name.split(":")[0] in read()[0] and kind(name) != wanted:
        yield f"{name} is no {wanted} of the vocabulary"


def _misfit(name, side, types):
    goals = said(name, side)
    if goals and not any(reaches(one, goal) for one in types for goal in goals):
        yield f"{name} stands at {sorted(types)}, and {side} it there should be {sorted(goals)}"
