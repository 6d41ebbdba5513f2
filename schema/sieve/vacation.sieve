# The out-of-office answer of the directory, for whoever is away: run for everybody before his own scripts. Dovecot hands over what his entry has
# (mailctl-sieve.conf); compile it with sievec.
require ["environment", "vnd.dovecot.environment", "variables", "relational", "date", "vacation", "vacation-seconds"];

if environment :is "vnd.dovecot.config.vacation_active" "TRUE" {
	# As in the entry: YYYYMMDDhhmm, or nothing for a window that is open at that side.
	set "from" "${env.vnd.dovecot.config.vacation_start}";
	set "until" "${env.vnd.dovecot.config.vacation_end}";
	set "text" "${env.vnd.dovecot.config.vacation_text}";
	set "subject" "${env.vnd.dovecot.config.vacation_subject}";
	if string :is "${subject}" "" { set "subject" "Out of office"; }
	if string :is "${from}" "" { set "from" "000000000000"; }
	if string :is "${until}" "" { set "until" "999999999999"; }

	set "now" "";
	if currentdate :matches "year" "*" { set "now" "${1}"; }
	if currentdate :matches "month" "*" { set "now" "${now}${1}"; }
	if currentdate :matches "day" "*" { set "now" "${now}${1}"; }
	if currentdate :matches "hour" "*" { set "now" "${now}${1}"; }
	if currentdate :matches "minute" "*" { set "now" "${now}${1}"; }

	# Digits of one length have the order of numbers.
	if allof (string :value "ge" :comparator "i;octet" "${now}" "${from}",
	          string :value "lt" :comparator "i;octet" "${now}" "${until}",
	          not string :is "${text}" "") {
		# One answer to each sender in two days, none to lists, bounces and oneself: RFC 5230.
		vacation :seconds 172800 :handle "directory-${from}" :subject "${subject}" "${text}";
	}
}
