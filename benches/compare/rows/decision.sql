SELECT CASE
    WHEN u.active = 0 OR m.org IS NULL THEN 'denied'
    WHEN u.sign_in = 'sso' THEN 'delegated'
    WHEN EXISTS (
        SELECT 1 FROM exceptions e JOIN exception_orgs o ON o.login = e.login AND o.number = e.number
        WHERE e.login = u.login AND o.org = g.id AND e.services = '' AND e.approved_by <> ''
        AND e.starts_at <= n.now AND n.now < e.ends_at
    ) THEN 'exempt'
    WHEN instr(g.mandated_roles, m.role) > 0 THEN iif(u.method <> '', 'required', 'enrol')
    WHEN m.opt_out_by <> '' AND (m.opt_out_until = '' OR n.now < m.opt_out_until)
        AND (g.opt_out = 'allow' OR g.enforcement = 'off' OR n.now < g.enforced_from) THEN 'exempt'
    WHEN u.mfa = 'on' OR (g.enforcement = 'on' AND g.enforced_from <= n.now)
        THEN iif(u.method <> '', 'required', 'enrol')
    ELSE 'not-required'
END, u.id, u.mfa, u.method
FROM (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now') AS now) n
JOIN users u ON u.login = :login
LEFT JOIN memberships m ON m.login = u.login AND m.org = :org
LEFT JOIN orgs g ON g.id = m.org
