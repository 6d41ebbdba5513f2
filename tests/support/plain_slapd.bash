# Sourced by tests that load what nis2ldif wrote: a slapd with the schema and no access rules, on a socket in $dir. Its rootdn is
# cn=root,dc=example,dc=org, its password "secret".
#
#     have_slapd             whether there is one; $dir/slapd.conf, $slapadd and $socket from then on
#     fresh                  makes the directory empty
#     serve, end_slapd       starts it with an empty directory, ends it

slapd_pid=
manager=()

have_slapd() {
	slapadd=$(PATH=$PATH:/usr/sbin command -v slapadd) || return
	cat >"$dir/slapd.conf" <<-CONF
		include /etc/ldap/schema/core.schema
		include /etc/ldap/schema/cosine.schema
		include /etc/ldap/schema/inetorgperson.schema
		include /etc/ldap/schema/nis.schema
		include "$root/schema/phamm.schema"
		include "$root/schema/phamm-vacation.schema"
		include "$root/schema/vmail.schema"
		modulepath /usr/lib/ldap
		moduleload back_mdb
		database mdb
		suffix dc=example,dc=org
		directory "$dir/db"
		maxsize 268435456
		dbnosync
		rootdn cn=root,dc=example,dc=org
		rootpw secret
	CONF
	socket=ldapi://$(printf %s "$dir/socket" | sed 's|/|%2F|g')
	manager=(-x -H "$socket" -D cn=root,dc=example,dc=org -w secret)
}

fresh() { rm -rf -- "$dir/db" && mkdir -- "$dir/db"; }

end_slapd() {
	[ -n "$slapd_pid" ] || return 0
	kill "$slapd_pid" 2>/dev/null && wait "$slapd_pid" || true
	slapd_pid=
}

serve() {
	end_slapd
	fresh
	"${slapadd%slapadd}slapd" -d 0 -f "$dir/slapd.conf" -h "$socket" 2>"$dir/slapd.log" &
	slapd_pid=$!
	local _
	for _ in $(seq 200); do
		ldapwhoami -x -H "$socket" >/dev/null 2>&1 && return
		sleep 0.05
	done
	cat "$dir/slapd.log" >&2
	return 1
}
