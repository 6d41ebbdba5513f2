#include <unistd.h>

#include <vmail/error.hpp>

#include "password_flags.hpp"

namespace vmail::tools {

void add_password_flags(CLI::App& verb, password_flags& flags) {
    constexpr auto group = "Password";
    verb.add_flag("--password-prompt", flags.prompt, "ask on the terminal (the default there)")->group(group);
    verb.add_flag("--password-stdin", flags.from_stdin, "the first line of standard input")->group(group);
    verb.add_option("--password-file", flags.file, "the first line of a file that only its owner may read")->group(group)->type_name("FILE");
    verb.add_flag("--generate-password", flags.generate, "make one, and print it once")->group(group);
    verb.add_option("--password-scheme", flags.scheme, "yescrypt, sha512-crypt, bcrypt, ssha512 or ssha")->group(group)->type_name("NAME");
}

namespace {

/// A generated password is printed once and kept nowhere: before one is set there must be somebody to see it.
void require_visible(invocation& run) {
    if (run.format() == output_format::name)
        throw error(error_kind::usage, "--output name does not show the password that --generate-password makes", {.hint = "choose table, csv, json or jsonl"});
    run.out().require_open();
}

} // namespace

password_source::password_source(invocation& run, const password_flags& flags, password_use use, const std::function<secret()>& ask)
    : scheme_(flags.scheme ? parse_password_scheme(*flags.scheme) : run.configuration().password_scheme) {
    if (flags.from_stdin + flags.prompt + flags.generate + flags.none + flags.file.has_value() > 1)
        throw error(error_kind::usage, "give one of --password-prompt, --password-stdin, --password-file, --generate-password and --no-password");
    generated_ = flags.generate;
    if (generated_ && !run.flags().dry_run) require_visible(run);
    if (!generated_ && !flags.none) read(run, flags, ask);
    if (use == password_use::verify) return;
    if (given_ && !given_->empty()) require_length(*given_, run.configuration().password_min_length);
    if (!empty() && scheme_ == password_scheme::ssha512)
        run.err().note("slapd checks {SSHA512} with its module pw-sha2 alone: where it is not loaded, nobody logs in with such a password");
}

void password_source::read(invocation& run, const password_flags& flags, const std::function<secret()>& ask) {
    if (flags.from_stdin)
        given_ = read_secret_descriptor(STDIN_FILENO);
    else if (flags.file)
        given_ = read_secret_file(*flags.file);
    else if (flags.prompt || run.may_ask())
        given_ = ask();
}

std::optional<secret> password_source::next() const {
    if (generated_) return generate_password();
    if (given_) return given_->clone();
    return std::nullopt;
}

} // namespace vmail::tools
