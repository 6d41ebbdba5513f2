#!/bin/bash
# The folder of somebody who is gone is nobody else's, also where a person names it: by a flag, a record or LDIF. He himself may have it again.
. "${BASH_SOURCE%/*}/mailctl_sandbox.bash"
start_sandbox
mailctl domain add example.org -q
mailctl mailbox add bob@example.org old@example.org eve@example.org --no-password -q
mailctl export --with-passwords >"$scratch/all.ldif"
mailctl export -o yaml --kind mailbox >"$scratch/all.yaml"
mailctl mailbox set old@example.org --path example.org/other/ -q --yes
run 0 mailctl mailbox remove bob@example.org old@example.org --now --yes
grep $'^/home/vmail/domains\texample.org/bob\tbob@example.org$' "$folder/former-folders" >/dev/null || fail "it is not put down whose it was: $(cat "$folder/former-folders")"

for path in example.org/bob/ example.org/bob example.org/bob/deeper/; do
	run 73 mailctl mailbox add ann@example.org --path $path --no-password
	complains "the folder \"$path\" cannot be ann@example.org's: it was, or lies in, that of bob@example.org, who is gone"
	run 73 mailctl mailbox set eve@example.org --path $path --yes
	complains 'bob@example.org, who is gone'
done
run 73 mailctl mailbox ensure ann@example.org --path example.org/other/ --no-password
complains 'old@example.org, who is gone' # left by one, and then by the other: whose it was last
printf 'version: 1\nmailboxes:\n  - address: ann@example.org\n    path: example.org/bob/\n' >"$scratch/ann.yaml"
run 73 mailctl apply "$scratch/ann.yaml" --yes
complains 'bob@example.org, who is gone'
sed -n '/^dn: mail=bob@/,/^$/p' "$scratch/all.ldif" | sed 's/bob@example.org/ann@example.org/; s/^uid: bob/uid: ann/' >"$scratch/ann.ldif"
run 73 mailctl import "$scratch/ann.ldif"
complains 'its folder is that of bob@example.org, who is gone'
printf 'dn: mail=eve@example.org,vd=example.org,o=hosting,dc=example,dc=org\nchangetype: modify\nreplace: mailbox\nmailbox: example.org/bob/\n-\n' >"$scratch/eve.ldif"
run 73 mailctl import "$scratch/eve.ldif"
complains 'its folder would be that of bob@example.org, who is gone'
run 67 mailctl mailbox show ann@example.org

# Who was there gets it back where it is said to be his: by his own address.
run 0 mailctl import "$scratch/all.ldif"
run 0 mailctl mailbox show bob@example.org --fields path -o name
says example.org/bob/
run 0 mailctl mailbox remove bob@example.org --now --yes
run 0 mailctl apply "$scratch/all.yaml" --yes
run 0 mailctl mailbox show bob@example.org --fields path -o name
says example.org/bob/
run 0 mailctl mailbox remove bob@example.org --now --yes
run 0 mailctl undo "$(latest)" --yes
run 0 mailctl mailbox remove bob@example.org --now --yes
run 0 mailctl mailbox add bob@example.org --path example.org/bob/ --no-password

# As it was put down before there was a name in it.
printf '/home/vmail/domains\texample.org/fred\n' >>"$folder/former-folders"
run 73 mailctl mailbox add ann@example.org --path example.org/fred/ --no-password
complains 'somebody who is gone'
run 0 mailctl mailbox add fred@example.org --path example.org/fred/ --no-password
finish
