# Sourced after server.sh: the states that mailctl can put an account, an address or a domain in, and what the daemons that read them have to say of each.
#
#     read_states        the table, as the arrays addresses, doings, answers, places and headings
#     carry_out_states   does it all, in a directory that is empty yet, by "tool", which is mailctl, with its own flags in the array "server"
#
# The passwords are Right-horse7 in all rows but few; the files that the table names are made in the folder that the test is in.

# The address, what mailctl is told after it was made (@ is the address, % its domain), and then who lets its owner in: Dovecot's IMAP, its POP3, SMTP AUTH;
# whether LMTP delivers; whether Courier's IMAP and POP3 let him in; and where Postfix takes mail from outside to. A number is the refusal at RCPT, "mailbox"
# the own one, another address the mailbox of that, and out:, relay: and list: is mail that goes there.
states() {
	cat <<-'TABLE'
		new@example.org          |                                                    | yes yes yes yes  yes yes | mailbox
		# ---- switched off and on
		manual@example.org       | mailbox disable @                                  | no  no  no  no   no  no  | 550
		compromised@example.org  | mailbox disable @ --reason compromised             | no  no  no  no   no  no  | 550
		enabled@example.org      | mailbox disable @; mailbox enable @                | yes yes yes yes  yes yes | mailbox
		removed@example.org      | mailbox remove @                                   | no  no  no  no   no  no  | 550
		gone@example.org         | mailbox remove @ --now                             | no  no  no  no   no  no  | 550
		restored@example.org     | mailbox remove @; mailbox restore @                | yes yes yes yes  yes yes | mailbox
		expired@example.org      | expiry set @ --expires 2020-01-31; expire          | no  no  no  no   no  no  | 550
		extended@example.org     | expiry set @ --expires 2020-01-31; expire; expiry set @ --expires 2090-01-31 | yes yes yes yes yes yes | mailbox
		ending@example.org       | alias add @ --target new@% --expires 2020-01-31; expire | no no no no   no  no  | 550
		# The end alone does nothing: it is the run of mailctl-expire that disables.
		ended@example.org        | expiry set @ --expires 2020-01-31                  | yes yes yes yes  yes yes | mailbox
		# A new date brings back what the run has disabled, and not what a person has.
		stays@example.org        | mailbox disable @; expiry set @ --expires 2090-01-31 | no no no no      no  no  | 550
		# ---- one thing alone
		nologin@example.org      | mailbox set @ --no-login                           | no  no  yes yes  no  no  | mailbox
		login@example.org        | mailbox set @ --no-login; mailbox set @ --login    | yes yes yes yes  yes yes | mailbox
		noreceive@example.org    | mailbox set @ --no-receive                         | yes yes yes no   yes yes | 550
		receive@example.org      | mailbox set @ --no-receive; mailbox set @ --receive | yes yes yes yes yes yes | mailbox
		nosend@example.org       | mailbox set @ --no-smtp-auth                       | yes yes no  yes  yes yes | mailbox
		# ---- where mail goes on to
		forward@example.org      | forward set @ --target x@example.net               | yes yes yes yes  yes yes | out:x@example.net
		copy@example.org         | forward set @ --target x@example.net --keep-copy   | yes yes yes yes  yes yes | mailbox,out:x@example.net
		cleared@example.org      | forward set @ --target x@example.net; forward clear @ | yes yes yes yes yes yes | mailbox
		offward@example.org      | forward set @ --target x@example.net; mailbox disable @ | no no no no   no  no  | 550
		noforward@example.org    | forward set @ --target x@example.net; mailbox set @ --no-receive | yes yes yes no  yes yes | 550
		away@example.org         | vacation set @ --subject Away --message-file away  | yes yes yes yes  yes yes | mailbox
		awayward@example.org     | vacation set @ --message-file away; forward set @ --target x@example.net | yes yes yes yes yes yes | out:x@example.net
		# ---- names and passwords
		quota@example.org        | quota set @ --quota 1M                             | yes yes yes yes  yes yes | mailbox
		old@example.org          | mailbox rename @ renamed@%                         | no  no  no  no   no  no  | 550
		renamed@example.org      | -                                                  | yes yes yes yes  yes yes | mailbox
		former@example.org       | mailbox rename @ present@% --keep-alias            | no  no  no  no   no  no  | present@example.org
		present@example.org      | -                                                  | yes yes yes yes  yes yes | mailbox
		lost@example.org         | mailbox password @ --password-file other           | no  no  no  yes  no  no  | mailbox
		changed@example.org      | mailbox password @ --password-file other; mailbox password @ --password-file right | yes yes yes yes yes yes | mailbox
		hash@example.org         | mailbox password @ --hash blf-crypt                | yes yes yes yes  yes yes | mailbox
		nopass@example.org       | mailbox add @ --no-password                        | no  no  no  yes  no  no  | mailbox
		# ---- a domain that is disabled stops what is in it
		sales@off.example        | alias add @ --target new@example.org; domain disable % | no no no no    no  no  | 550
		ada@off.example          | domain disable %                                   | no  no  no  no   no  no  | 550
		# What is added to it then has missed that.
		late@off.example         | mailbox add @ --password-file right                | yes yes yes yes  yes yes | 550
		# Whoever moves into it stops with it, and whoever moves out works again.
		mover@example.org        | mailbox rename @ moved@off.example                 | no  no  no  no   no  no  | 550
		moved@off.example        | -                                                  | no  no  no  no   no  no  | 550
		stopped@off.example      | mailbox rename @ freed@example.org                 | no  no  no  no   no  no  | 550
		freed@example.org        | -                                                  | yes yes yes yes  yes yes | mailbox
		# What a person has disabled is no part of that.
		bob@again.example        | mailbox disable @                                 | no  no  no  no   no  no  | 550
		ada@again.example        | domain disable %; domain enable %                  | yes yes yes yes  yes yes | mailbox
		ada@taken.example        | domain remove %                                    | no  no  no  no   no  no  | 550
		ada@back.example         | domain remove %; domain restore %                  | yes yes yes yes  yes yes | mailbox
		ada@before.example       | domain rename % after.example                      | no  no  no  no   no  no  | 554
		ada@after.example        | -                                                  | yes yes yes yes  yes yes | mailbox
		# As where another program writes into the domain, and no more: no reader of an account sees it.
		ada@alone.example        | disable_alone %                                    | yes yes yes yes  yes yes | 550
		# ---- aliases are no logins
		alias@example.org        | alias add @ --target new@%                         | no  no  no  no   no  no  | new@example.org
		many@example.org         | alias add @ --target new@% --target enabled@% --target x@example.net | no no no no no no | enabled@example.org,new@example.org,out:x@example.net
		second@example.org       | alias add @ --target alias@%                       | no  no  no  no   no  no  | new@example.org
		onward@example.org       | alias add @ --target forward@%                     | no  no  no  no   no  no  | out:x@example.net
		idle@example.org         | alias add @ --target new@%; alias disable @        | no  no  no  no   no  no  | 550
		woken@example.org        | alias add @ --target new@%; alias disable @; alias enable @ | no no no no no no | new@example.org
		unalias@example.org      | alias add @ --target new@%; alias remove @         | no  no  no  no   no  no  | 550
		into@example.org         | alias add @ --target ada@off.example               | no  no  no  no   no  no  | bounced:ada@off.example
		todead@example.org       | alias add @ --target manual@%                      | no  no  no  no   no  no  | bounced:manual@example.org
		toclosed@example.org     | alias add @ --target noreceive@%                   | no  no  no  no   no  no  | bounced:noreceive@example.org
		# ---- a domain with a catch-all
		@all.example             | alias add @ --target new@example.org               | no  no  no  no   no  no  | -
		any@all.example          | -                                                  | no  no  no  no   no  no  | new@example.org
		ada@all.example          | mailbox add @ --password-file right                | yes yes yes yes  yes yes | mailbox
		off@all.example          | mailbox add @ --password-file right; mailbox disable @ | no no no no    no  no  | new@example.org
		noreceive@all.example    | mailbox add @ --password-file right; mailbox set @ --no-receive | yes yes yes no  yes yes | new@example.org
		# ---- backup domains, lists, administrators
		ann@spare.example        | backup-domain add %; backup-mail add @             | no  no  no  no   no  no  | relay:ann@spare.example
		ben@spare.example        | -                                                  | no  no  no  no   no  no  | 550
		cid@spare.example        | backup-mail add @; backup-mail disable @           | no  no  no  no   no  no  | 550
		any@whole.example        | backup-domain add %; backup-mail add @whole.example | no no  no  no   no  no  | relay:any@whole.example
		ann@past.example         | backup-domain add %; backup-mail add @; backup-domain disable % | no no no no no no | 554
		staff@example.org        | mailinglist add @ --lists-domain lists.example.org | no  no  no  no   no  no  | list:staff@lists.example.org
		nolist@example.org       | mailinglist add @ --lists-domain lists.example.org; mailinglist disable @ | no no no no no no | 550
		staff@lists.example.org  | -                                                  | no  no  no  no   no  no  | list:staff@lists.example.org
		postmaster@example.org   | admin add @ --password-file right                  | no  no  no  no   no  no  | new@example.org
		matrix                   | admin add @ --mail m@example.net --domain example.org --password-file right | no no no no no no | -
	TABLE
}

expire() { "$EXPIRE" "${server[@]}" --domain example.org >/dev/null || fail 'mailctl-expire'; }
disable_alone() { # DOMAIN
	printf 'dn: vd=%s,o=hosting,%s\nchangetype: modify\nreplace: accountActive\naccountActive: FALSE\n' "$1" "$base" | peer ldapmodify -H "$(uri "$scratch/server")" >/dev/null
}
made=' '
make_domain() { # DOMAIN
	case $made in *" $1 "*) return ;; esac
	made+="$1 "
	tool domain add "$1" --postmaster new@example.org
}
# Whoever has a mailbox has it before the first thing is done.
make_mailbox() { # ADDRESS DOINGS
	[[ $2 = *\ add\ * || $2 = - ]] || { make_domain "${1#*@}"; tool mailbox add "$1" --password-file right; }
}
carry_out() { # ADDRESS DOINGS
	local doing words i
	[[ $2 != - && $2 != backup-* && $1 = *@* ]] && make_domain "${1#*@}"
	while IFS= read -r doing; do
		read -ra words <<<"${doing//%/${1#*@}}"
		for i in "${!words[@]}"; do [ "${words[i]}" != @ ] || words[i]=$1; done
		case ${words[0]--} in
		-) ;;
		expire | disable_alone) "${words[@]}" ;;
		*) tool "${words[@]}" ;;
		esac
	done <<<"${2//; /$'\n'}"
}

read_states() {
	local address doing answer place words heading=
	addresses=() doings=() answers=() places=() headings=()
	while IFS='|' read -r address doing answer place; do
		[[ $address != '# ---- '* ]] || heading=${address#'# ---- '}
		[[ $address != '#'* ]] || continue
		read -r address <<<"$address"
		read -r doing <<<"$doing"
		read -r place <<<"$place"
		read -ra words <<<"$answer"
		addresses+=("$address") doings+=("$doing") answers+=("${words[*]}") places+=("$place") headings+=("$heading")
	done < <(states)
}

carry_out_states() {
	local i
	umask 077
	echo Right-horse7 >right
	echo Other-horse8 >other
	python3 -c 'import ctypes; c = ctypes.CDLL("libcrypt.so.1").crypt; c.restype = ctypes.c_char_p; print("{BLF-CRYPT}" + c(b"Right-horse7", b"$2y$05$abcdefghijklmnopqrstuu").decode())' >blf-crypt
	echo 'I am away.' >away
	umask 022
	for i in "${!addresses[@]}"; do make_mailbox "${addresses[i]}" "${doings[i]}"; done
	for i in "${!addresses[@]}"; do carry_out "${addresses[i]}" "${doings[i]}"; done
	[ "$failures" -eq 0 ] || die 'not all of the table could be done'
}
