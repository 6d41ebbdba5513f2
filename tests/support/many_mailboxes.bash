# Sourced where many are needed, below o=hosting in $hosting:
#
#     many_mailboxes COUNT [DOMAIN [NAME]]   user0@example.org and so on, as Phamm makes them, for slapadd
#     new_mailboxes COUNT [DOMAIN [NAME]]    the same, for ldapadd
#     names_of COUNT [DOMAIN [NAME]]         their addresses
#     as_dns                                 makes names of entries of addresses
many_mailboxes() {
	awk -v count="$1" -v domain="${2:-example.org}" -v name="${3:-user}" -v hosting="$hosting" 'BEGIN {
		for (i = 0; i < count; i++) {
			a = name i "@" domain
			print "dn: mail=" a ",vd=" domain "," hosting "\nobjectClass: top\nobjectClass: inetOrgPerson\nobjectClass: VirtualMailAccount\nobjectClass: VirtualForward\n" \
				"objectClass: Vacation\nstructuralObjectClass: VirtualMailAccount\nmail: " a "\ncn: User Number " i "\nsn: Number " i "\nuid: " name i "." domain "\n" \
				"vdHome: /home/vmail/domains\nmailbox: " domain "/" name i "/\nquota: 52428800S\naccountActive: TRUE\ndelete: FALSE\nsmtpAuth: TRUE\nforwardActive: FALSE\n" \
				"vacationActive: FALSE\nmailAutoreply: " a ".autoreply\notherTransport: phamm:\ncreateMaildir: TRUE\nlastChange: 1700000000\n" \
				"creationDate: 20231114221320\nuserPassword: {SSHA}MP1S+lVd2mGbUwjpVGZxx9lBdWRtWkMu\n"
		}
	}'
}
new_mailboxes() { many_mailboxes "$@" | grep -v '^structuralObjectClass: '; }
names_of() { seq -f "${3:-user}%.0f@${2:-example.org}" 0 $(($1 - 1)); }
as_dns() { sed "s/.*@\(.*\)/mail=&,vd=\1,$hosting/"; }
