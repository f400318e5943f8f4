-- Health of a plan, by its conditions (docs/kubectl.md). A draft is Suspended until a person starts it, for that is no
-- fault of what was applied; a plan that runs is Progressing for as long as its gates hold.
local hs = { status = "Progressing", message = "not judged yet" }
if obj.status == nil or obj.status.conditions == nil then
  return hs
end

local found = {}
for _, condition in ipairs(obj.status.conditions) do
  found[condition.type] = condition
end

local accepted = found["Accepted"]
if accepted == nil or (accepted.observedGeneration or 0) < (obj.metadata.generation or 0) then
  return hs
end
if accepted.status ~= "True" then
  return { status = "Degraded", message = accepted.message }
end
local degraded = found["Degraded"]
if degraded ~= nil and degraded.status == "True" then
  return { status = "Degraded", message = degraded.message }
end
local ready = found["Ready"]
if ready ~= nil and ready.status == "True" then
  return { status = "Healthy", message = ready.message }
end

hs.message = ready ~= nil and ready.message or obj.status.phase or ""
local phase = obj.status.phase
if phase == "DRAFT" or phase == "PAUSED" or phase == "ABORTED" then
  hs.status = "Suspended"
elseif (phase == "ROLLED_BACK" or phase == "CLEANED_UP") and obj.status.endedAt ~= nil then
  hs.status = "Healthy"
end
return hs
