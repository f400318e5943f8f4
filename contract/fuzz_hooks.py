# SPDX-License-Identifier: Apache-2.0
"""What the fuzzer has to know of bodies and openapi.yaml does not say."""

import copy

import schemathesis


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Null in a body means that the field is left out, as Kubernetes has it. Answers keep their schemas."""
    schemas = raw_schema["components"]["schemas"]

    def taken(node):
        """The node with references to schemas of bodies, which are made when they are first needed."""
        if isinstance(node, list):
            return [taken(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[1]
            if f"{name}Taken" not in schemas:
                schemas[f"{name}Taken"] = {}
                schemas[f"{name}Taken"] = taken(copy.deepcopy(schemas[name]))
            return {**node, "$ref": f"#/components/schemas/{name}Taken"}
        node = {key: taken(value) for key, value in node.items()}
        if isinstance(node.get("properties"), dict):
            for field, schema in node["properties"].items():
                if field not in node.get("required", []):
                    node["properties"][field] = {"anyOf": [schema, {"type": "null"}]}
        return node

    for path in raw_schema["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "requestBody" in operation:
                operation["requestBody"] = taken(operation["requestBody"])
