#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/ldap/access_log.hpp>
#include <vmail/ldap/attribute_name.hpp>
#include <vmail/ldap/filter.hpp>

namespace vmail::ldap {

namespace {

using value_list = std::vector<std::string>;

constexpr std::string_view entry_csn = "entryCSN";

const value_list& values_of(const entry& e, std::string_view name) {
    static const value_list none;
    const auto* const values = e.find(name);
    return values == nullptr ? none : *values;
}

std::string required(const entry& e, std::string_view name) {
    auto value = e.first(name);
    if (!value) throw invalid_value(fmt::format("it has no {}", name));
    return *std::move(value);
}

/// Values may be secrets: only where it is wrong is said.
[[noreturn]] void refuse(std::string_view list, std::size_t index, std::string_view why) {
    throw invalid_value(fmt::format("value {} of {} {}", index + 1, list, why));
}

// ---- "maildrop:+ ann@example.org", "maildrop:-" and, for what was there before, "maildrop: ann@example.org"

/// Cuts the name of an attribute and the colon off.
std::string_view take_attribute(std::string_view& text, std::string_view list, std::size_t index) {
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    if (colon == std::string_view::npos || !is_attribute_description(name)) refuse(list, index, "does not begin with the name of an attribute");
    text.remove_prefix(colon + 1);
    return name;
}

std::optional<recorded_change> change_of(char operation) {
    switch (operation) {
    case '+': return recorded_change::add;
    case '-': return recorded_change::remove;
    case '=': return recorded_change::replace;
    case '#': return recorded_change::increment;
    default: return std::nullopt;
    }
}

recorded_change take_operation(std::string_view& text, std::size_t index) {
    const auto what = text.empty() ? std::nullopt : change_of(text.front());
    if (!what) refuse("reqMod", index, "does not say what was changed");
    text.remove_prefix(1);
    return *what;
}

/// Nothing where nothing follows. The value begins after one blank, whatever it begins with itself.
std::optional<std::string_view> take_value(std::string_view text, std::string_view list, std::size_t index) {
    if (text.empty()) return std::nullopt;
    if (text.front() != ' ') refuse(list, index, "has no blank before the value");
    return text.substr(1);
}

/// Values of one modification stand one after the other. slapd separates two of the same kind by a lone colon.
class modification_list {
public:
    void append(std::string_view text, std::size_t index) {
        if (text == ":") {
            closed_ = true;
            return;
        }
        const auto attribute = take_attribute(text, "reqMod", index);
        const auto what = take_operation(text, index);
        const auto value = take_value(text, "reqMod", index);
        if (!value && (what == recorded_change::add || what == recorded_change::increment)) refuse("reqMod", index, "has no value");
        if (closed_ || list_.back().what != what || list_.back().attribute != attribute) list_.push_back({what, std::string(attribute), {}});
        if (value) list_.back().values.emplace_back(*value);
        closed_ = !value;
    }
    std::vector<recorded_modification> take() && { return std::move(list_); }

private:
    std::vector<recorded_modification> list_;
    bool closed_ = true;
};

std::vector<recorded_modification> modifications_of(const entry& e) {
    modification_list list;
    const auto& texts = values_of(e, "reqMod");
    for (std::size_t i = 0; i < texts.size(); ++i) list.append(texts[i], i);
    return std::move(list).take();
}

/// Keeps a value that is there twice: an attribute without an equality rule may have one.
class attribute_list {
public:
    void append(std::string_view name, std::string_view value) {
        if (list_.empty() || list_.back().name != name) list_.push_back({std::string(name), {}});
        list_.back().values.emplace_back(value);
    }
    entry named(const dn& name) && {
        entry e(name);
        for (auto& a : list_) e.set(a.name, std::move(a.values));
        return e;
    }

private:
    std::vector<attribute> list_; ///< slapd writes all values of an attribute one after the other
};

entry old_of(const entry& e, const dn& target) {
    attribute_list old;
    const auto& texts = values_of(e, "reqOld");
    for (std::size_t i = 0; i < texts.size(); ++i) {
        std::string_view text = texts[i];
        const auto attribute = take_attribute(text, "reqOld", i);
        const auto value = take_value(text, "reqOld", i);
        if (!value) refuse("reqOld", i, "has no value");
        old.append(attribute, *value);
    }
    return std::move(old).named(target);
}

// ---- the four kinds

/// A record of which the parts that all kinds have were read.
struct raw_record {
    const entry& e;
    dn target;
    std::vector<recorded_modification> modifications;
};

recorded_request add_of(const raw_record& r) {
    attribute_list added;
    for (const auto& m : r.modifications) {
        if (m.what != recorded_change::add) throw invalid_value("it is an add that has other changes than added values");
        for (const auto& value : m.values) added.append(m.attribute, value);
    }
    return recorded_add{std::move(added).named(r.target)};
}

recorded_request modify_of(const raw_record& r) { return recorded_modify{r.modifications}; }

recorded_request delete_of(const raw_record&) { return recorded_delete{}; }

dn parent_after(const entry& e, const dn& target) {
    const auto superior = e.first("reqNewSuperior");
    return superior ? dn::parse(*superior) : target.parent();
}

/// reqNewDN is the normalised name, in lower case: good enough where the new RDN has several parts, which none of ours has.
dn name_after(const entry& e, const dn& target) {
    const auto rdn = dn::parse(required(e, "reqNewRDN"));
    if (rdn.depth() != 1) throw invalid_value("its reqNewRDN is not one RDN");
    const auto& parts = rdn.rdns().front();
    if (parts.size() > 1) return dn::parse(required(e, "reqNewDN"));
    return parent_after(e, target).child(parts.front().type, parts.front().value);
}

bool keeps_old_value(const entry& e) {
    const auto deletes = required(e, "reqDeleteOldRDN");
    if (deletes != "TRUE" && deletes != "FALSE") throw invalid_value("its reqDeleteOldRDN is neither TRUE nor FALSE");
    return deletes == "FALSE";
}

recorded_request rename_of(const raw_record& r) { return recorded_rename{name_after(r.e, r.target), keeps_old_value(r.e)}; }

recorded_request request_of(const raw_record& r) {
    constexpr std::array<std::pair<std::string_view, recorded_request (*)(const raw_record&)>, 4> kinds = {
        {{"add", add_of}, {"modify", modify_of}, {"delete", delete_of}, {"modrdn", rename_of}}};
    const auto type = required(r.e, "reqType");
    for (const auto& [name, read] : kinds)
        if (type == name) return read(r);
    throw invalid_value(fmt::format("its reqType is {}, which is no write", vmail::quoted(type)));
}

int code_of(const entry& e) {
    const auto text = required(e, "reqResult");
    int code = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), code);
    if (failed != std::errc() || end != text.data() + text.size()) throw invalid_value("its reqResult is not a number");
    return code;
}

/// The server's own modification is the last one. Of a delete there is none: the record was written with the same CSN.
std::string csn_of(const raw_record& r) {
    const auto is_csn = [](const recorded_modification& m) { return ascii::iequals(m.attribute, entry_csn) && m.values.size() == 1; };
    const auto last = std::find_if(r.modifications.rbegin(), r.modifications.rend(), is_csn);
    if (last != r.modifications.rend()) return last->values.front();
    return r.e.first("reqType") == "delete" ? r.e.first(entry_csn).value_or("") : "";
}

bool is_moment(std::string_view text) {
    constexpr std::size_t seconds = 14;
    if (!text.ends_with('Z')) return false;
    text.remove_suffix(1);
    const auto fraction = text.substr(std::min(text.size(), seconds));
    return ascii::is_digits(text.substr(0, seconds)) && text.size() >= seconds &&
           (fraction.empty() || (fraction.front() == '.' && ascii::is_digits(fraction.substr(1))));
}

std::string id_of(const entry& e) {
    auto id = required(e, "reqStart");
    if (!is_moment(id)) throw invalid_value("its reqStart is not a moment in UTC");
    return id;
}

// ---- the log

/// The longest: "" may be one of them.
std::optional<dn> suffix_of(session& s, const dn& of) {
    const auto root = s.find(dn(), {"namingContexts"});
    std::optional<dn> longest;
    for (const auto& text : root ? values_of(*root, "namingContexts") : value_list{}) {
        auto suffix = dn::parse(text);
        if (of.is_within(suffix) && (!longest || suffix.depth() > longest->depth())) longest = std::move(suffix);
    }
    return longest;
}

/// Nothing also where this identity may not read it.
std::optional<entry> find_readable(session& s, const dn& name, const char* attribute) {
    try {
        return s.find(name, {attribute});
    } catch (const denied&) {
        return std::nullopt;
    }
}

/// Without its last Z, "...59" stands before "...59.000001".
std::string_view in_order(std::string_view moment) { return moment.substr(0, moment.find('Z')); }

/// Not as a range: slapd expands one through the index of times, anew for each page, which took minutes for 43,000 records. A negation is
/// asked of each record: 0.4 s for 100,000.
filter not_before(const std::string& moment) {
    return filter::any_of({filter::negation(filter::less_or_equal("reqStart", moment)), filter::equal("reqStart", moment)});
}

filter filter_of(session& s, const access_log_query& query) {
    std::vector<filter> parts{filter::equal("objectClass", "auditWriteObject")};
    if (query.target) parts.push_back(filter::equal("reqDN", query.target->text()));
    if (!query.entry_uuid.empty()) parts.push_back(filter::equal("reqEntryUUID", query.entry_uuid));
    if (!query.since.empty() && s.schema().has_ordering("reqStart")) parts.push_back(not_before(query.since));
    return filter::all_of(parts);
}

std::optional<access_record> read_or_report(const entry& e, const std::function<void(unreadable_record&&)>& unreadable) {
    try {
        return access_record::from_entry(e);
    } catch (const invalid_value& fault) {
        unreadable({e.dn(), fault.what()});
        return std::nullopt;
    }
}

bool ends_within(const recorded_request& change, const dn& base) {
    const auto* const rename = std::get_if<recorded_rename>(&change);
    return rename != nullptr && rename->new_dn.is_within(base);
}

bool meets(const access_record& r, const access_log_query& query) {
    if (!query.since.empty() && in_order(r.id) < in_order(query.since)) return false;
    return !query.within || r.target.is_within(*query.within) || ends_within(r.change, *query.within);
}

} // namespace

access_record access_record::from_entry(const entry& e) {
    auto id = id_of(e);
    const raw_record r{e, dn::parse(required(e, "reqDN")), modifications_of(e)};
    return {.id = std::move(id),
            .target = r.target,
            .entry_uuid = e.first("reqEntryUUID").value_or(""),
            .author = e.first("reqAuthzID").value_or(""),
            .change = request_of(r),
            .old = old_of(e, r.target),
            .code = code_of(e),
            .csn = csn_of(r)};
}

bool is_kept_by_server(std::string_view attribute) noexcept {
    constexpr std::array<std::string_view, 7> names = {"structuralObjectClass", "entryUUID",     entry_csn,        "creatorsName",
                                                       "createTimestamp",       "modifiersName", "modifyTimestamp"};
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return ascii::iequals(name, attribute); });
}

std::optional<dn> find_access_log(session& s, const dn& of) {
    const auto suffix = suffix_of(s, of);
    const auto top = suffix ? find_readable(s, *suffix, "auditContext") : std::nullopt;
    const auto name = top ? top->first("auditContext") : std::nullopt;
    if (!name) return std::nullopt;
    auto log = dn::parse(*name);
    return find_readable(s, log, "objectClass") ? std::optional(std::move(log)) : std::nullopt;
}

std::size_t for_each_access_record(session& s, const dn& log, const access_log_query& query, const std::function<void(access_record&&)>& visit,
                                   const std::function<void(unreadable_record&&)>& unreadable) {
    if (!query.since.empty() && !is_moment(query.since)) throw invalid_value(fmt::format("{} is not a moment in UTC", vmail::quoted(query.since)));
    const search_request all{.base = log, .scope = scope::one, .filter = filter_of(s, query), .attributes = {"*", std::string(entry_csn)}};
    std::size_t visited = 0;
    s.for_each(all, [&](entry&& e) {
        auto record = read_or_report(e, unreadable);
        if (!record || !meets(*record, query)) return;
        ++visited;
        visit(*std::move(record));
    });
    return visited;
}

} // namespace vmail::ldap
