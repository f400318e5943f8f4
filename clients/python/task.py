"""Plays Istio's task with the client that is generated for Python, and meets what a client meets."""

import datetime
import inspect
import json
import re
import sys
import time
import typing

import mtls_migration_client
from mtls_migration_client import (
    AnalysesApi,
    ApiClient,
    Configuration,
    EvidenceApi,
    NamespacePair,
    Plan,
    PlanBody,
    PlanPhase,
    PlanPreview,
    PlansApi,
    ProbeOutcome,
    Problem,
    ReachableCall,
)
from mtls_migration_client.exceptions import ApiException, ConflictException

MANIFESTS = """
{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "cart", "namespace": "shop", "labels": {"app": "cart"}},
   "spec": {"containers": [{"name": "cart", "image": "cart"}]}},
  {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart", "namespace": "shop"},
   "spec": {"selector": {"app": "cart"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}]}
"""


def check(what, holds):
    if not holds:
        raise AssertionError(what)
    print(what)


def refused(call):
    try:
        call()
    except ApiException as refusal:
        check("a problem comes as problem+json", refusal.headers["Content-Type"].startswith("application/problem+json"))
        return Problem.from_json(refusal.body), refusal
    raise AssertionError("the call was taken")


def plays_the_task(service):
    # begin README
    plans = PlansApi(ApiClient(Configuration(host=service)))
    with open("docs/task/plan.json") as file:
        plans.create_plan(PlanBody.from_json(file.read()))
    plan = plans.start_plan("task")
    print(plan.phase, plan.progress.percent, [waiting.message for waiting in plan.waiting_on])
    # end README
    end = time.monotonic() + 150
    while plans.get_plan("task").phase != PlanPhase.COMPLETED:
        check_time(end, plans)
        time.sleep(1)
    return plans


def check_time(end, plans):
    if time.monotonic() > end:
        raise AssertionError(plans.get_plan("task").to_json())


def reads_the_matrix(plans):
    matrix = EvidenceApi(plans.api_client).get_connectivity(var_from="bar", to="foo/httpbin:8000")
    cell = matrix.cells[0]
    check("the matrix shows what the mesh allows", cell.outcome == ProbeOutcome.OK and cell.http_code == 200)
    check("an instant is a datetime with its zone", cell.checked_at.tzinfo is not None)


def meets_problems(plans):
    problem, refusal = refused(lambda: plans.create_plan(PlanBody(name="task")))
    check("a name is taken once", problem.code == "ALREADY_EXISTS" and isinstance(refusal, ConflictException))
    problem, _ = refused(lambda: plans.create_plan(PlanBody(name="b", waves=[{"name": "w", "namespaces": ["nope"]}])))
    check("a problem names the wrong place", problem.errors[0].pointer == "/waves/0/namespaces/0")
    draft = plans.create_plan_with_http_info(PlanBody(name="second", scope={"namespaces": ["bar"]}))
    tag = draft.headers["ETag"]
    body = plans.get_plan_spec("second")
    body.gates.soak = "PT45M"
    changed = plans.replace_plan("second", tag, body).actual_instance
    check("a duration is ISO-8601", changed.gates.soak == "PT45M")
    problem, _ = refused(lambda: plans.replace_plan("second", tag, body))
    check("a stale tag is refused", problem.code == "STALE" and problem.status == 412)


def meets_nulls_dates_and_alternatives(plans):
    task, draft = plans.get_plan("task"), plans.get_plan("second")
    check("null is None", draft.started_at is None and isinstance(task.started_at, datetime.datetime))
    body = PlanBody.from_dict(
        {
            "name": "third",
            "exceptions": [
                {
                    "namespace": "foo",
                    "selector": {"matchLabels": {"app": "httpbin"}},
                    "port": 9090,
                    "owner": "team-a",
                    "reason": "scrape",
                    "expires": "2127-03-01",
                }
            ],
        }
    )
    made = plans.create_plan(body).actual_instance
    check("with dryRun it is a preview, else a plan", isinstance(made, Plan))
    check("a day is a date", made.exceptions[0].expires == datetime.date(2127, 3, 1))
    preview = plans.create_plan(PlanBody(name="fourth"), dry_run=True).actual_instance
    check("a preview stores nothing", isinstance(preview, PlanPreview) and preview.kind == "PlanPreview")
    for name in ("second", "third"):
        plans.delete_plan(name, "*")
    analyses = AnalysesApi(plans.api_client)
    pairs = analyses.analyse(MANIFESTS).reachability
    check("one form of a row", all(isinstance(row.actual_instance, NamespacePair) for row in pairs) and pairs)
    calls = analyses.analyse(MANIFESTS, reachability="full").reachability
    check("the other form of a row", all(isinstance(row.actual_instance, ReachableCall) for row in calls) and calls)


def keeps_what_a_later_release_adds(plans):
    body = plans.get_plan("task").to_dict()
    plan = Plan.from_dict({**body, "phase": "LATER", "added": {"by": "a later release"}})
    check("a value that is not known is kept", plan.phase == "LATER" and plan.phase != PlanPhase.COMPLETED)
    check("a value that is not known is written as it came", '"phase": "LATER"' in plan.to_json())


def snake(name):
    return re.sub("([A-Z])", r"_\1", name).lower()


def argument(method, name, value):
    """A parameter of a generated method, in its type."""
    declared = inspect.signature(method).parameters[name].annotation
    for part in (declared, *typing.get_args(declared)):
        for model in (part, *typing.get_args(part)):
            if hasattr(model, "from_dict"):
                return model.from_dict(value)
    return value


def calls_every_operation(plans):
    last = ""
    with open("clients/operations.json") as file:
        calls = json.load(file)
    for call in calls:
        api, operation = call["call"].split(".")
        method = getattr(getattr(mtls_migration_client, api + "Api")(plans.api_client), snake(operation) + "_with_http_info")
        given = {**call.get("path", {}), **call.get("query", {}), **call.get("body", {})}
        arguments = {}
        for name, value in given.items():
            value = last if value == "{id}" else value
            arguments[snake(name[0].lower() + name[1:])] = argument(method, snake(name[0].lower() + name[1:]), value)
        try:
            answer = method(**arguments)
            status, last = answer.status_code, getattr(answer.data, "id", last)
        except ApiException as refusal:
            status = refusal.status
            check(call["call"] + ": " + Problem.from_json(refusal.body).detail, status in call["status"])
        check(f"{call['call']} is {status}", status in call["status"])


def main(service):
    plans = plays_the_task(service)
    reads_the_matrix(plans)
    meets_problems(plans)
    meets_nulls_dates_and_alternatives(plans)
    keeps_what_a_later_release_adds(plans)
    calls_every_operation(plans)


main(sys.argv[1])
