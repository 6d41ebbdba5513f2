# The out-of-office answer of the directory, for whoever is away: run for everybody before his own scripts. Dovecot hands over what his entry has
# (mailctl-sieve.conf, vacation-ldap.conf.ext), and nothing for who is not away. Compile it with sievec.
require ["environment", "vnd.dovecot.environment", "variables", "relational", "date", "vacation", "vacation-seconds"];

if environment :matches "vnd.dovecot.config.vacation" "*|*|*" {
	# As in the entry: YYYYMMDDhhmm, or nothing where the window is open at that side.
	set "from" "${1}";
	set "until" "${2}";
	set "text" "${3}";
	set "subject" "${env.vnd.dovecot.config.vacation_subject}";
	if string :is "${from}" "" { set "from" "000000000000"; }
	if string :is "${until}" "" { set "until" "999999999999"; }
	if string :is "${subject}" "" { set "subject" "Out of office"; }

	set "now" "";
	if currentdate :matches "year" "*" { set "now" "${1}"; }
	if currentdate :matches "month" "*" { set "now" "${now}${1}"; }
	if currentdate :matches "day" "*" { set "now" "${now}${1}"; }
	if currentdate :matches "hour" "*" { set "now" "${now}${1}"; }
	if currentdate :matches "minute" "*" { set "now" "${now}${1}"; }

	# Digits of one length have the order of numbers.
	if allof (string :value "ge" :comparator "i;octet" "${now}" "${from}",
	          string :value "le" :comparator "i;octet" "${now}" "${until}",
	          not string :is "${text}" "") {
		# To lists, bounces and oneself nothing is sent (RFC 5230), and to each sender one answer: in all of a window, or in two days where there is none.
		if allof (string :is "${from}" "000000000000", string :is "${until}" "999999999999") {
			vacation :seconds 172800 :handle "directory" :subject "${subject}" "${text}";
		} else {
			vacation :seconds 31536000 :handle "directory ${from} ${until}" :subject "${subject}" "${text}";
		}
	}
}
