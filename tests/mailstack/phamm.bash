# Sourced after stack.bash: gives the mail server that runs the filters of Phamm's own examples (examples/conf of Phamm 0.6), as a site has them that takes mailctl to
# its directory and changes nothing else; with what of its access rules daemons meet: whoever is in the directory may bind, whatever his state.
#
# Not Phamm's are the socket of slapd, proxymap, what Courier of today needs (LDAP_INITBIND, the marker), the transport of the domains, which is Dovecot's LMTP in the
# place of maildrop, and that it finds the folders that maildrop finds. SMTP AUTH is saslauthd's there, and not asked.

phamm_filters() {
	tool domain set --filter '(objectClass=VirtualDomain)' --transport lmtp:unix:private/dovecot-lmtp
	phamm_slapd
	phamm_postfix
	phamm_dovecot
	phamm_courier
}

phamm_slapd() {
	cat >"$scratch/server/acl.conf" <<-CONF
		access to attrs=userPassword by dn.exact="cn=mailctl,$base" write by anonymous auth
		access to * by dn.exact="cn=mailctl,$base" write by dn.exact="cn=phamm,o=hosting,$base" read
	CONF
	kill "${pids[0]}" && wait "${pids[0]}"
	serve "$scratch/server"
}

phamm_table() { # NAME FILTER ATTRIBUTE [SCOPE]
	cat >"/etc/postfix/mailctl/phamm_$1.cf" <<-CONF
		server_host = ldapi:///
		version = 3
		bind = yes
		bind_dn = cn=phamm,o=hosting,$base
		bind_pw = secret
		search_base = o=hosting,$base
		scope = ${4-sub}
		query_filter = $2
		result_attribute = $3
	CONF
}

phamm_postfix() {
	phamm_table transport '(&(&(vd=%s)(objectClass=VirtualDomain))(accountActive=TRUE)(delete=FALSE))' postfixTransport one
	phamm_table aliases '(&(&(objectClass=VirtualMailAlias)(mail=%s))(accountActive=TRUE))' maildrop
	phamm_table forward '(&(&(objectClass=VirtualMailAccount)(mail=%s))(vacationActive=FALSE)(forwardActive=TRUE)(accountActive=TRUE)(delete=FALSE))' maildrop
	phamm_table accounts '(&(&(objectClass=VirtualMailAccount)(mail=%s))(forwardActive=FALSE)(accountActive=TRUE)(delete=FALSE))' mailbox
	phamm_table accountsmap '(&(&(objectClass=VirtualMailAccount)(mail=%s))(forwardActive=FALSE)(accountActive=TRUE)(delete=FALSE))' mail
	postconf -X virtual_mailbox_domains virtual_transport relay_domains relay_recipient_maps smtpd_recipient_restrictions
	local maps=proxy:ldap:/etc/postfix/mailctl/phamm
	postconf "transport_maps = ${maps}_transport.cf" 'mydestination = $transport_maps, localhost, $myhostname' \
		"virtual_alias_maps = ${maps}_forward.cf ${maps}_aliases.cf ${maps}_accountsmap.cf" "virtual_mailbox_maps = ${maps}_accounts.cf" \
		'local_recipient_maps = $alias_maps, $virtual_mailbox_maps'
	postfix stop 2>/dev/null
	postfix start 2>/dev/null || die "Postfix does not start: $(tail /var/log/mail.log)"
}

phamm_dovecot() {
	cat >/etc/dovecot/mailctl/dovecot-ldap.conf.ext <<-CONF
		uris = ldapi:///
		dn = cn=phamm,o=hosting,$base
		dnpass = secret
		auth_bind = yes
		auth_bind_userdn = mail=%u,vd=%d,o=hosting,$base
		base = o=hosting,$base
		user_filter = (&(objectClass=VirtualMailAccount)(accountActive=TRUE)(mail=%u))
		pass_filter = (&(objectClass=VirtualMailAccount)(accountActive=TRUE)(mail=%u))
		user_attrs = mail=user, =home=%{ldap:vdHome}/%{ldap:mailbox}, =mail=maildir:%{ldap:vdHome}/%{ldap:mailbox}
		default_pass_scheme = CRYPT
	CONF
	doveadm stop
	while [ -e /run/dovecot/master.pid ]; do sleep 0.05; done
	dovecot || die 'Dovecot does not start'
	wait_for Dovecot listens 143
}

phamm_courier() {
	sed -i -e 's/^LDAP_MAIL\t.*/LDAP_MAIL\tmail/; s/^LDAP_EMAILMAP.*//' -e 's/^LDAP_FILTER\t.*/LDAP_FILTER\t(accountActive=TRUE)/' /etc/courier/authldaprc
	/usr/sbin/authdaemond restart
}
