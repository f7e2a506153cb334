/** The policy that is in force until the person writes one. */
export const defaultPolicyText = `# What Sentra does about what it finds. docs/policy.md explains every key.
version: 1
# observe: say what would be done. enforce: do it. A rule may have its own mode.
mode: observe

# Which containers are watched; every one when left out, for example:
# watch:
#   composeProjects: ["agents-*"]

# Containers that nothing is ever done to, for example:
# protect:
#   names: ["db-*"]

rules:
  # What takes the machine down, and what reaches out of its container: freeze it and cut it off.
  - name: contain runaways and escapes
    when: |
      finding.severity >= high && finding.kind in
      ["memory-runaway", "pids-runaway", "fork-bomb", "network-flood", "escape-attempt",
       "reverse-shell", "dropped-program"]
    do: [notify, pause]

  # Everything else: tell. What is merely info is recorded and not told.
  - name: tell
    when: |
      finding.severity > info && !(finding.severity >= high && finding.kind in
      ["memory-runaway", "pids-runaway", "fork-bomb", "network-flood", "escape-attempt",
       "reverse-shell", "dropped-program"])
    do: [notify]
`;
