#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include <vmail/dovecot_password.hpp>
#include <vmail/error.hpp>
#include <vmail/password_policy.hpp>

#include "password_flags.hpp"

namespace vmail::tools {

void add_password_flags(CLI::App& verb, password_flags& flags) {
    constexpr auto group = "Password";
    verb.add_flag("--password-prompt", flags.prompt, "ask on the terminal (the default there)")->group(group);
    verb.add_flag("--password-stdin", flags.from_stdin, "the first line of standard input")->group(group);
    verb.add_option("--password-file", flags.file, "the first line of a file that only its owner may read")->group(group)->type_name("FILE");
    verb.add_option("--hash", flags.hash, "a hash of another system instead, of slapd, Dovecot or shadow(5): the first line of such a file, or of standard input (-)")
        ->group(group)
        ->type_name("FILE");
    verb.add_flag("--generate-password", flags.generate, "make one, and print it once")->group(group);
    verb.add_option("--password-scheme", flags.scheme, "yescrypt, sha512-crypt, bcrypt, ssha512 or ssha")->group(group)->type_name("NAME");
}

void add_require_change_flag(CLI::App& verb, password_flags& flags) {
    verb.add_flag("--require-change", flags.require_change, "the owner must set another one at the next login, where the server has a password policy")->group("Password");
}

namespace {

/// A generated password is printed once and kept nowhere: before one is set there must be somebody to see it.
void require_visible(invocation& run) {
    if (run.format() == output_format::name)
        throw error(error_kind::usage, "--output name does not show the password that --generate-password makes", {.hint = "choose table, csv, json or jsonl"});
    run.out().require_open();
}

} // namespace

bool reads_stdin(const password_flags& flags) noexcept { return flags.from_stdin || flags.hash == "-"; }

void refuse_two_uses_of_stdin(const std::vector<std::string>& names, const password_flags& flags) {
    if (reads_stdin(flags) && std::find(names.begin(), names.end(), "-") != names.end())
        throw error(error_kind::usage, "standard input cannot hold the names and the password at once", {.hint = flags.hash ? "give --hash the name of a file" : "use --password-file"});
}

password_source::password_source(invocation& run, const password_flags& flags, password_use use, const std::function<secret()>& ask)
    : policy_(run.configuration().password_policy), use_(use),
      scheme_(flags.scheme ? parse_password_scheme(*flags.scheme) : run.configuration().password_scheme) {
    if (flags.from_stdin + flags.prompt + flags.generate + flags.none + flags.file.has_value() + flags.hash.has_value() > 1)
        throw error(error_kind::usage, "give one of --password-prompt, --password-stdin, --password-file, --hash, --generate-password and --no-password");
    if (flags.hash && flags.scheme) throw error(error_kind::usage, "--hash has a scheme of its own, and --password-scheme goes with a password");
    generated_ = flags.generate;
    if (generated_ && !run.flags().dry_run) require_visible(run);
    if (!generated_ && !flags.none) read(run, flags, ask);
    if (use == password_use::verify) return;
    if (given_ && !given_->empty()) policy_.require(*given_);
    note_module(run);
}

namespace {

secret read_line(const std::string& file) { return file == "-" ? read_secret_descriptor(STDIN_FILENO) : read_secret_file(file); }

} // namespace

void password_source::read(invocation& run, const password_flags& flags, const std::function<secret()>& ask) {
    if (flags.hash) {
        hash_ = from_dovecot(read_line(*flags.hash).reveal());
        if (hash_->locked()) run.err().note("no password matches this hash: it locks the account");
    } else if (flags.from_stdin)
        given_ = read_line("-");
    else if (flags.file)
        given_ = read_secret_file(*flags.file);
    else if (flags.prompt || run.may_ask())
        given_ = ask();
}

void password_source::note_module(invocation& run) const {
    if (hash_ && !hash_->slapd_module().empty()) return tools::note_module(run, hash_->scheme_name(), hash_->slapd_module());
    if ((given_ || generated_) && scheme_ == password_scheme::ssha512) tools::note_module(run, "SSHA512", "pw-sha2");
}

void note_without_password(invocation& run, std::size_t count) {
    if (count == 0) return;
    run.err().note(fmt::format("{} {} without a password, and nobody can log in until \"mailctl mailbox password\" sets one",
                               count == 1 ? "1 mailbox" : fmt::format("{} mailboxes", count), run.flags().dry_run ? "would come" : count == 1 ? "comes" : "come"));
}

void note_module(invocation& run, std::string_view scheme, std::string_view module) {
    run.err().note(fmt::format("slapd checks {{{}}} with its module {} alone: where it is not loaded, nobody logs in with such a password", scheme, module));
}

std::optional<secret> password_source::next(const std::vector<std::string>& personal) const {
    if (generated_) return generate_password();
    if (!given_) return std::nullopt;
    require_fit(personal);
    return given_->clone();
}

void password_source::require_fit(const std::vector<std::string>& personal) const {
    if (use_ == password_use::set && !given_->empty()) policy_.require(*given_, personal);
}

std::optional<hashed_password> password_source::hashed(const std::vector<std::string>& personal) const {
    if (hash_) return hashed_password{*hash_};
    if (empty()) return std::nullopt;
    if (!generated_) require_fit(personal);
    if (!hashes_) hashes_ = std::make_unique<hash_supply>([this] { return make(); }, expected_);
    fresh_hash made = hashes_->next();
    hashed_password hashed{std::move(made.hash)};
    if (made.password) hashed.told = {{"password", std::string(made.password->reveal())}};
    return hashed;
}

fresh_hash password_source::make() const {
    return generated_ ? generated_hash(scheme_) : fresh_hash{{}, hash_password(*given_, scheme_)};
}

} // namespace vmail::tools
