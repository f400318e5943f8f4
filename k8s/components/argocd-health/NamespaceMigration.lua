-- Health of one step of a plan. The service writes these; they have no owner, so no application shows them beneath a plan.
local hs = { status = "Progressing", message = "not begun" }
if obj.status == nil or obj.status.phase == nil then
  return hs
end

local phase = obj.status.phase
hs.message = phase .. ": " .. (obj.status.message or obj.status.reason or "")
if phase == "LOCKED" and obj.status.health ~= nil then
  hs = { status = "Degraded", message = phase .. ": " .. (obj.status.health.message or obj.status.health.reason or "") }
elseif phase == "LOCKED" or phase == "EXEMPT" then
  hs.status = "Healthy"
elseif phase == "DRIFTED" or phase == "BLOCKED" or phase == "ROLLED_BACK" then
  hs.status = "Degraded"
elseif phase == "SKIPPED" or phase == "AWAITING_APPROVAL" then
  hs.status = "Suspended"
end
return hs
