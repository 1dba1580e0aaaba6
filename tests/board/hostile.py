"""Events whose every text tries to be more than text."""
import re

from google.protobuf.descriptor import FieldDescriptor as Field
from mash.v1 import event_pb2 as ev

# Short ones too: some fields take 32 bytes. Each occurrence is numbered, so that none can stand in for another.
TEXTS = ["<script>alert({})</script>", "\" onmouseover=\"alert({})", "'><img src=x onerror=alert({})>", "</dd></main><h1>{}", "x\u202egnp.{}.exe",
         "&lt;b&gt;{}&amp;#60;", "<!--{}", "{{{{{}}}}}${{1}}%s%n", "javascript:alert({})", "\u0001\u007f\u0085{}\u2067", "</textarea>{}", "W" * 120 + "{}",
         "line {}\n  <svg/onload=alert(1)>\tend"]
SHORT = 32


def text_for(number, most):
    text = TEXTS[number % len(TEXTS)].format(number)
    return text if len(text.encode()) <= most else f"<b>{number}"


class Filler:
    def __init__(self):
        self.count = 0

    def text(self, most):
        self.count += 1
        return text_for(self.count, most)

    def value(self, field):
        if field.type == Field.TYPE_STRING:
            return self.text(SHORT if field.containing_type.name in ("Grade", "Identifier") else 200)
        return field.enum_type.values[1].number if field.type == Field.TYPE_ENUM else None

    def fill(self, message):
        """Every text; every enum as its first value; every message; dates one that anybody may have. Numbers and bytes stay."""
        if message.DESCRIPTOR is ev.Date.DESCRIPTOR:
            message.year, message.month, message.day = 2018, 2, 1
            return
        for field in message.DESCRIPTOR.fields:
            if field.containing_oneof is not None:
                continue
            repeated = field.label == Field.LABEL_REPEATED
            if field.type == Field.TYPE_MESSAGE:
                self.fill(getattr(message, field.name).add() if repeated else getattr(message, field.name))
                continue
            value = self.value(field)
            if value is None:
                continue
            if repeated:
                getattr(message, field.name).append(value)
            else:
                setattr(message, field.name, value)
        if message.DESCRIPTOR is ev.Picture.DESCRIPTOR:
            message.protective_factors[0].kind = ev.FACTOR_KIND_SUPPORTIVE_FAMILY


def clear(message, path):
    """Takes out what `path` ("subjects[0].addresses[0].postcode") names: a field, or the list that an element stands in."""
    *above, last = re.findall(r"(\w+)(?:\[(\d+)\])?", path)
    for name, index in above:
        message = getattr(message, name)
        if index:
            message = message[int(index)]
    message.ClearField(last[0])


def hostile_event(filler, payload, plain, without):
    """One of this payload, about whom and from whom `plain` is; without the fields whose paths are given."""
    event = ev.Event()
    filler.fill(event)
    filler.fill(getattr(event, payload.name))
    getattr(event, payload.name).SetInParent()
    for name in ("agency", "source_system", "source_reference", "occurred_at", "recorded_at", "area", "sensitivity"):
        setattr(event, name, getattr(plain, name))
    event.legal_basis[:] = plain.legal_basis
    event.stated_receipt_at = 0
    subject = event.subjects[0]
    subject.roles[:] = plain.subjects[0].roles
    subject.identifiers[0].CopyFrom(plain.subjects[0].identifiers[0])
    for name in ("expected_date", "date_of_death", "relationships"):
        subject.ClearField(name)
    other = event.subjects.add()
    other.roles.append(ev.SUBJECT_ROLE_PARENT_OR_CARER)
    other.relationships.add(to_subject=0, kind=ev.RELATIONSHIP_KIND_PARENT_OF, source=filler.text(200))
    for path in sorted(without, reverse=True):
        clear(event, path)
    return event


def texts_of(message):
    """Every text in it, however deep."""
    for field, value in message.ListFields():
        for one in value if field.label == Field.LABEL_REPEATED else [value]:
            if field.type == Field.TYPE_STRING:
                yield one
            elif field.type == Field.TYPE_MESSAGE:
                yield from texts_of(one)
