#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>
#include <vmail/utf8.hpp>

#include <cli/counted.hpp>
#include <cli/output_file.hpp>

#include "new_passwords.hpp"

namespace vmail::tools {

namespace {

constexpr std::size_t longest_template = 64 * 1024;
constexpr std::array<std::string_view, 7> words = {"address", "password", "name", "given_name", "surname", "user", "domain"};

void require_free(const char* flag, const std::string& path) {
    struct stat seen{};
    if (::lstat(path.c_str(), &seen) == 0)
        throw already_exists(fmt::format("{}: {} is there already, and what is in it may be the only copy of passwords that are set", flag, printable(path)), {.hint = "give another name, or move it away"});
}

std::string read_template(const std::string& path) {
    errno = 0;
    std::ifstream in(path);
    if (!in) throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", printable(path), std::generic_category().message(errno)));
    std::string text(longest_template + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > longest_template) throw invalid_value(fmt::format("{} is longer than {} bytes", printable(path), longest_template));
    if (!utf8::is_valid(text)) throw invalid_value(fmt::format("{} is not UTF-8", printable(path)));
    return text;
}

/// Calls for the text between, and for each {word}. Braces around anything else are text.
template <typename Text, typename Word> void go_through(std::string_view text, const Text& on_text, const Word& on_word) {
    const auto is_of_word = [](char c) { return ascii::is_lower(c) || c == '_'; };
    while (!text.empty()) {
        const auto open = std::min(text.find('{'), text.size());
        on_text(text.substr(0, open));
        text.remove_prefix(open);
        if (text.empty()) return;
        const auto close = std::find_if_not(text.begin() + 1, text.end(), is_of_word) - text.begin();
        const auto length = static_cast<std::size_t>(close);
        if (length > 1 && length < text.size() && text[length] == '}') {
            on_word(text.substr(1, length - 1));
            text.remove_prefix(length + 1);
        } else {
            on_text(text.substr(0, 1));
            text.remove_prefix(1);
        }
    }
}

bool has_word(const std::string& text, std::string_view wanted) {
    bool found = false;
    go_through(
        text, [](std::string_view) {}, [&](std::string_view word) { found = found || word == wanted; });
    return found;
}

void require_known_words(const std::string& text, const std::string& path) {
    go_through(
        text, [](std::string_view) {},
        [&](std::string_view word) {
            if (std::find(words.begin(), words.end(), word) == words.end())
                throw invalid_value(fmt::format("{}: nothing is known that could stand for {{{}}}", printable(path), word), {.hint = fmt::format("known are {}", fmt::join(words, ", "))});
        });
}

/// What the entry will have, which need not have been said.
std::string written(const ldap::entry& e, std::string_view attribute) { return std::string(e.first(attribute).value_or("")); }

/// Where nothing tells it, what stands before the surname, or the whole name.
std::string given_name_of(const mailbox& m, const std::string& name, const std::string& surname) {
    if (!m.given_name.empty()) return m.given_name;
    const bool ends_so = name.size() > surname.size() + 1 && name.ends_with(' ' + surname);
    return ends_so ? name.substr(0, name.size() - surname.size() - 1) : name;
}

/// No name of a file has a slash in it.
std::string file_name(const address& a) {
    std::string name = a.key();
    std::replace(name.begin(), name.end(), '/', '%');
    return name + ".txt";
}

std::string quoted_cell(const std::string& cell) {
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string in_quotes = "\"";
    for (const char c : cell) in_quotes += c == '"' ? std::string("\"\"") : std::string(1, c);
    return in_quotes + '"';
}

/// A folder that is there whole or not at all.
class new_folder {
public:
    explicit new_folder(std::filesystem::path path) : path_(std::move(path)) {
        std::string name = path_.native() + ".XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) fail(errno);
        temporary_ = name;
    }
    ~new_folder() {
        std::error_code ignored;
        if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
    }
    new_folder(const new_folder&) = delete;
    new_folder& operator=(const new_folder&) = delete;

    std::filesystem::path inside(const std::string& name) const { return temporary_ / name; }
    void commit() {
        sync_file_system(temporary_.native());
        std::error_code fault;
        std::filesystem::rename(temporary_, path_, fault);
        if (fault) fail(fault.value());
        temporary_.clear();
    }

private:
    [[noreturn]] void fail(int code) const {
        throw error(error_kind::configuration, fmt::format("cannot make the folder {}: {}", printable(path_.native()), std::generic_category().message(code)));
    }

    std::filesystem::path path_, temporary_;
};

} // namespace

void add_new_password_flags(CLI::App& verb, new_password_flags& flags) {
    constexpr auto group = "Passwords of many";
    verb.add_option("--passwords-out", flags.file, "make passwords for new mailboxes, and write them to this file before the first is set")->group(group)->type_name("FILE");
    verb.add_option("--letters", flags.letters, "make passwords, and write a letter for each new mailbox into this new folder")->group(group)->type_name("DIR");
    verb.add_option("--template", flags.letter, "with --letters: the letter, with {name}, {address}, {password}, {user}, {domain}, {given_name} and {surname} in it")->group(group)->type_name("FILE");
    if (verb.get_option_no_throw("--password-scheme") == nullptr)
        verb.add_option("--password-scheme", flags.scheme, "yescrypt, sha512-crypt, bcrypt, ssha512 or ssha")->group(group)->type_name("NAME");
}

new_passwords::new_passwords(invocation& run, const new_password_flags& flags)
    : run_(run), flags_(flags), scheme_(flags.scheme ? parse_password_scheme(*flags.scheme) : password_scheme::yescrypt) {
    if (flags.letters.has_value() != flags.letter.has_value()) throw error(error_kind::usage, "--letters and --template go together: where the letters go, and what they say");
    if (flags.scheme && !are_wanted()) throw error(error_kind::usage, "--password-scheme goes with --passwords-out or --letters");
    if (flags.file) require_free("--passwords-out", *flags.file);
    if (flags.letters) require_free("--letters", *flags.letters);
    if (!flags.letter) return;
    template_ = read_template(*flags.letter);
    require_known_words(template_, *flags.letter);
    if (!flags.file && !has_word(template_, "password"))
        throw invalid_value(fmt::format("{} has no {{password}} in it, and so nobody would ever see the passwords", printable(*flags.letter)), {.hint = "put it there, or give --passwords-out as well"});
}

void new_passwords::give(mailbox& m) {
    if (run_.flags().dry_run) return; // nobody would ever learn it
    if (!hashes_) hashes_.emplace([scheme = scheme_] { return generated_hash(scheme); }, expected_);
    fresh_hash made = hashes_->next();
    m.password = std::move(made.hash);
    people_.insert_or_assign(m.address.text(), person{m, std::move(*made.password)});
}

void new_passwords::write(const plan& p) {
    std::set<std::string> refused;
    for (const planned_change& c : p.changes)
        if (c.fault) refused.insert(c.subject);
    std::vector<const person*> people;
    for (const auto& [address, one] : people_)
        if (!refused.contains(address)) people.push_back(&one);
    if (people.empty()) return;
    if (flags_.letters) write_letters(people);
    if (flags_.file) write_file(people);
}

void new_passwords::write_file(const std::vector<const person*>& people) const {
    output_file file(*flags_.file);
    file.stream() << "address,password\n";
    for (const person* p : people) file.stream() << quoted_cell(p->whose.address.text()) << ',' << p->password.reveal() << '\n';
    file.commit();
    run_.err().note(fmt::format("{} in {}, which nobody else may read", counted(people.size(), "passwords"), printable(*flags_.file)));
}

void new_passwords::write_letters(const std::vector<const person*>& people) const {
    new_folder folder(*flags_.letters);
    for (const person* p : people) {
        output_file letter(folder.inside(file_name(p->whose.address)).native(), output_file::wait::later);
        letter.stream() << letter_to(*p);
        letter.commit();
    }
    folder.commit();
    run_.err().note(fmt::format("{} in {}", counted(people.size(), "letters"), printable(*flags_.letters)));
}

std::string new_passwords::letter_to(const person& p) const {
    const mailbox& m = p.whose;
    ldap::entry entry;
    m.to_entry(entry, run_.directory().site());
    const std::string name = written(entry, schema::attr::cn), surname = written(entry, schema::attr::sn);
    const std::map<std::string_view, std::string> known = {{"address", m.address.text()}, {"password", std::string(p.password.reveal())}, {"name", name},
                                                           {"given_name", given_name_of(m, name, surname)}, {"surname", surname}, {"user", m.address.local_part()}, {"domain", m.address.domain().text()}};
    std::string letter;
    go_through(
        template_, [&](std::string_view text) { letter += text; }, [&](std::string_view word) { letter += known.at(word); });
    return letter;
}

} // namespace vmail::tools
