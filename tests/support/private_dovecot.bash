# Sourced by tests: Dovecot of their own, as an ordinary user, with everything in one folder and no port. Each start is another instance.
#
#     serve_maildirs [ROOT]             logins: any user, password "secret", whose Maildir is ROOT/USER; ROOT is $dovecot_mail by default
#     serve_directory LDAP CONF URI     what schema/dovecot has, @BASE@ and the password filled in, over the directory at URI
#     serve_settings CONF               passdb, userdb and mail_location are what the file says
#     restart_dovecot, stop_dovecot     the one that was started last; end_dovecots, for the EXIT trap, ends all of them
#
# A start sets dovecot_dir (its folder), dovecot_imap and dovecot_lmtp (sockets), dovecot_log and dovecot_mail, a folder that is meant for
# mail. What Dovecot reads and writes has to belong to mail_user: whoever runs the test, or nobody where that is root, for whom Dovecot
# opens no mail. "give_to_dovecot PATH..." sees to it; the folders above must let him pass.

mail_user=$(id -un) mail_group=$(id -gn)
[ "$(id -u)" -ne 0 ] || { mail_user=nobody mail_group=$(id -gn nobody); }
mail_uid=$(id -u "$mail_user") mail_gid=$(id -g "$mail_user")
dovecot_pids=() dovecot_dirs=()

can_run_dovecot() { PATH=$PATH:/usr/sbin command -v dovecot >/dev/null; }
as_mail_user() { # COMMAND...
	[ "$(id -u)" -eq 0 ] || { command "$@"; return; }
	setpriv --reuid="$mail_uid" --regid="$mail_gid" --clear-groups -- "$@"
}
give_to_dovecot() { [ "$(id -u)" -ne 0 ] || command chown -R "$mail_uid:$mail_gid" -- "$@"; }

serve_maildirs() { # [ROOT]
	make_dovecot_folder
	local root=${1-$dovecot_mail}
	as_mail_user test -x "$root" || { echo "private_dovecot: $mail_user cannot enter $root" >&2; return 1; }
	cat >"$dovecot_dir/users.conf" <<-CONF
		mail_location = maildir:$root/%u
		passdb {
		  driver = static
		  args = password=secret
		}
		userdb {
		  driver = static
		  args = home=$dovecot_dir/home/%u allow_all_users=yes
		}
	CONF
	run_dovecot
}

# Nobody here is called vmail or postfix, nothing lies in /etc/dovecot, and no Postfix takes mail back.
serve_directory() { # LDAP CONF URI
	make_dovecot_folder
	mkdir -- "$dovecot_dir/private"
	sed -e "s|ldapi:///|$3|" -- "$1" >"$dovecot_dir/ldap.conf"
	sed 's/^\([a-z]*_filter\) = .*/\1 = (!(objectClass=*))/' "$dovecot_dir/ldap.conf" >"$dovecot_dir/aliases.conf"
	sed -e "s|[^ ]*/dovecot-\([a-z]*\).conf.ext|$dovecot_dir/\1.conf|" -e 's/^lmtp_proxy = yes/lmtp_proxy = no/' -e "s|/var/spool/postfix/private|$dovecot_dir/private|" \
		-e "s|= vmail|= $mail_uid|" -e "s|first_valid_uid = 100|first_valid_uid = $mail_uid|" \
		-e '/user = postfix/d; /group = postfix/d' -- "$2" >"$dovecot_dir/users.conf"
	dovecot_lmtp=$dovecot_dir/private/dovecot-lmtp
	run_dovecot
}

serve_settings() { # CONF
	make_dovecot_folder
	cp -- "$1" "$dovecot_dir/users.conf"
	run_dovecot
}

make_dovecot_folder() {
	dovecot_dir=$(mktemp -d "${TMPDIR:-/tmp}/dovecot.XXXXXX") || return
	dovecot_dirs+=("$dovecot_dir")
	dovecot_imap=$dovecot_dir/imap dovecot_lmtp=$dovecot_dir/lmtp dovecot_log=$dovecot_dir/log dovecot_mail=$dovecot_dir/mail
	mkdir -- "$dovecot_dir/run" "$dovecot_dir/home" "$dovecot_mail"
	dovecot_settings >"$dovecot_dir/dovecot.conf"
	give_to_dovecot "$dovecot_dir"
}

# Without root there is no chroot and one user for all. A penalty for wrong passwords would slow down a test that tries some.
dovecot_settings() {
	cat <<-CONF
		base_dir = $dovecot_dir/run
		state_dir = $dovecot_dir/run
		log_path = $dovecot_log
		protocols = imap lmtp
		listen = 127.0.0.1
		ssl = no
		disable_plaintext_auth = no
		default_internal_user = $mail_user
		default_internal_group = $mail_group
		default_login_user = $mail_user
		mail_uid = $mail_uid
		mail_gid = $mail_gid
		first_valid_uid = $mail_uid
		first_valid_gid = 0
		auth_failure_delay = 0
		service anvil {
		  chroot =
		  unix_listener anvil-auth-penalty {
		    mode = 0
		  }
		}
		service imap-login {
		  chroot =
		  inet_listener imap {
		    port = 0
		  }
		  inet_listener imaps {
		    port = 0
		  }
		  unix_listener $dovecot_imap {
		  }
		}
		service lmtp {
		  unix_listener $dovecot_lmtp {
		  }
		}
		service stats {
		  chroot =
		}
		!include users.conf
	CONF
}

run_dovecot() {
	give_to_dovecot "$dovecot_dir" # whatever the umask is
	# When the shell is killed without a chance to clean up, so is Dovecot.
	local command=(setpriv --pdeathsig TERM) PATH=$PATH:/usr/sbin
	[ "$(id -u)" -ne 0 ] || command+=(--reuid="$mail_uid" --regid="$mail_gid" --clear-groups)
	"${command[@]}" -- dovecot -F -c "$dovecot_dir/dovecot.conf" >"$dovecot_dir/stderr" 2>&1 </dev/null &
	dovecot_pid=$!
	dovecot_pids+=("$dovecot_pid")
	for _ in $(seq 200); do
		# Said when all its sockets are listened on.
		! grep 'starting up' "$dovecot_log" >/dev/null 2>&1 || return 0
		kill -0 "$dovecot_pid" 2>/dev/null || break
		sleep 0.05
	done
	echo 'private_dovecot: it did not start:' >&2
	cat "$dovecot_dir/stderr" "$dovecot_log" >&2 2>/dev/null
	return 1
}

stop_dovecot() {
	kill "$dovecot_pid" 2>/dev/null || true
	wait "$dovecot_pid" 2>/dev/null || true
}

restart_dovecot() {
	stop_dovecot
	mv -- "$dovecot_log" "$dovecot_log.old"
	run_dovecot
}

end_dovecots() {
	[ ${#dovecot_pids[@]} -eq 0 ] || kill "${dovecot_pids[@]}" 2>/dev/null || true
	[ ${#dovecot_pids[@]} -eq 0 ] || wait "${dovecot_pids[@]}" 2>/dev/null || true
	[ ${#dovecot_dirs[@]} -eq 0 ] || rm -rf -- "${dovecot_dirs[@]}"
}
