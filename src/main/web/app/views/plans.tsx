import { useRights } from "../api/access";
import { useList } from "../api/store";
import type { PlanSummary } from "../api/types";
import { href, type Route } from "../router";
import { duration } from "../ui/format";
import { Icon } from "../ui/icons";
import { Ago, Badge, Empty, Panel, Skeleton, Trouble } from "../ui/parts";
import { planWord } from "../ui/words";
import { NewPlan } from "../plan/draft";
import { PlanView } from "../plan/plan";
import { Locked, PhaseShares } from "./mesh";

export function PlansView({ route }: { route: Route }) {
  const name = route.path[1];
  if (name === "new") {
    return <NewPlan />;
  }
  return name ? <PlanView name={name} route={route} /> : <All />;
}

function All() {
  const { data, error } = useList<PlanSummary>("/plans", 4000);
  const { can } = useRights();
  const plans = [...(data ?? [])].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const make = can("create") && (
    <a class="button main" href={href(["plans", "new"])}>
      <Icon name="plus" />
      <span>Make a plan</span>
    </a>
  );
  return (
    <>
      <h1 class="hidden">Plans</h1>
      <Panel title="Plans" aside={make}>
        <Trouble error={error} />
        {!data && !error && <Skeleton lines={6} />}
        {data && plans.length === 0 && (
          <Empty icon="plan" title="No plan yet">
            <p>A plan says which namespaces are locked, in which order, and what has to hold before. As a draft it does nothing.</p>
          </Empty>
        )}
        <ul class="plans">
          {plans.map((plan) => (
            <li key={plan.name} class="plan-card">
              <div class="inline spread">
                <span class="inline">
                  <a class="big" href={href(["plans", plan.name])}>
                    {plan.name}
                  </a>
                  <Badge word={planWord(plan.phase)} />
                  <span class="dim">{plan.target === "MESH" ? "whole mesh" : "namespaces"}</span>
                </span>
                <span class="num">
                  <Locked progress={plan.progress} />
                  {plan.progress.eta && <span class="dim"> about {duration(plan.progress.eta)} left</span>}
                </span>
              </div>
              <PhaseShares plan={plan} />
              <p class="dim">
                made by {plan.createdBy} <Ago at={plan.createdAt} />
              </p>
            </li>
          ))}
        </ul>
      </Panel>
    </>
  );
}
