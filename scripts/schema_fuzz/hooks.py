"""What the fuzzer does not do by itself.

It must not end the session it asks with, and so hear 401 from then on: the same calls are made about
everybody and everything else. And it has to know what a new product needs beyond what a change needs,
that an order cannot make prices up, and whole calls of those that chance never makes whole.
"""

import json
import os

import schemathesis

# What the role that asks lives on, by the beginning of the calls that can take it away.
OWN: dict[str, list[str]] = json.loads(os.environ["AISLE_FUZZ_OWN"])
# Calls that are to be accepted, by method and path: what stands in the path, the headers and the body.
WHOLE: dict[str, dict] = json.loads(os.environ["AISLE_FUZZ_WHOLE"])


@schemathesis.hook
def filter_case(_context, case) -> bool:
    if case.method == "GET":
        return True
    values = {str(value).strip() for value in case.path_parameters.values()}
    return not any(
        case.path.startswith(prefix) and values & set(own) for prefix, own in OWN.items()
    )


@schemathesis.hook
def before_add_examples(context, examples) -> None:
    call = context.operation
    whole = WHOLE.get(f"{call.method.upper()} {call.path}")
    if whole:
        examples.append(call.Case(media_type="application/json", **whole))


def without_given_prices(order: dict) -> dict:
    """A made-up given price refuses the whole order: short ones name none."""
    lines = order.get("lines")
    if isinstance(lines, list) and len(lines) < 3:
        for line in lines:
            if isinstance(line, dict):
                line.pop("price_override", None)
    return order


@schemathesis.hook
def map_body(context, body):
    call = context.operation
    if (call.method.upper(), call.path) == ("POST", "/api/v1/products") and isinstance(body, dict):
        return {"name": "新商品", "unit_id": 1, "price_fen": 100} | body
    if (call.method.upper(), call.path) == ("POST", "/api/v1/orders") and isinstance(body, dict):
        return without_given_prices(body)
    return body
