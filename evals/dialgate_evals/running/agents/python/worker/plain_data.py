"""What agents reply with besides plain data: dataclasses and models, as the mapping they hold."""

import dataclasses


def as_plain(value):
    """The value as JSON data; called for what JSON has no form for. Raises TypeError."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: getattr(value, field.name) for field in fields}
    if isinstance(value, type):
        raise TypeError("Object of type %s is not JSON serializable" % value.__name__)
    if callable(getattr(value, "model_dump", None)):  # pydantic 2
        return value.model_dump(mode="json")
    if hasattr(value, "__fields__") and callable(getattr(value, "dict", None)):  # pydantic 1
        return value.dict()
    if hasattr(type(value), "__attrs_attrs__"):  # attrs
        return {item.name: getattr(value, item.name) for item in type(value).__attrs_attrs__}
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def as_reply(reply):
    """What a trial ends with, as text or a mapping. Raises TypeError for a model without `reply`.

    A named tuple would go out as a list, and a result object of a framework as a reply without
    text: both are mended or named here.
    """
    if reply is None or isinstance(reply, (str, dict)):
        return reply
    if isinstance(reply, tuple) and hasattr(reply, "_asdict"):
        reply, name = reply._asdict(), type(reply).__name__
    else:
        try:
            plain, name = as_plain(reply), type(reply).__name__
        except TypeError:
            return reply
        reply = plain
    if not isinstance(reply, dict) or "reply" not in reply:
        raise TypeError(
            "the reply is a %s without a field `reply`: return text, or a mapping or model with "
            "`reply`" % name
        )
    return reply
