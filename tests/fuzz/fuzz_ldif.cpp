#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <vmail/error.hpp>

#include <vmail/ldap/ldif.hpp>

// Any bytes are refused with invalid_value "f:LINE: ..." or are records that mean the same when they are written and read again.

namespace {

using namespace vmail::ldap;

void require(bool condition) {
    if (!condition) std::abort();
}

struct write {
    ldif_writer& writer;
    void operator()(const ldif_add& r) const { writer.write(r.entry); }
    void operator()(const ldif_modify& r) const { writer.write_modify(r.dn, r.changes); }
    void operator()(const ldif_delete& r) const { writer.write_delete(r.dn); }
    void operator()(const ldif_rename&) const {}
};

/// With objectClass where the writer puts it.
std::vector<attribute> in_writing_order(const entry& e) {
    std::vector<attribute> attributes;
    if (const auto* const classes = e.find("objectClass")) attributes.push_back({"objectClass", *classes});
    for (const auto& a : e.attributes())
        if (attributes.empty() || &a.values != e.find("objectClass")) attributes.push_back(a);
    return attributes;
}

bool is_same(const entry& a, const entry& b) {
    const auto left = in_writing_order(a);
    const auto right = in_writing_order(b);
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i)
        if (left[i].name != right[i].name || left[i].values != right[i].values) return false;
    return true;
}

struct compare {
    const ldif_record& other;
    void operator()(const ldif_add& r) const { require(is_same(r.entry, std::get<ldif_add>(other.what).entry)); }
    void operator()(const ldif_modify& r) const { require(r.changes == std::get<ldif_modify>(other.what).changes); }
    void operator()(const ldif_delete&) const { require(std::holds_alternative<ldif_delete>(other.what)); }
    void operator()(const ldif_rename&) const {}
};

std::optional<ldif_record> read_one(const std::string& text) {
    std::istringstream in(text);
    ldif_reader reader(in, "again");
    auto record = reader.next();
    require(!reader.next());
    return record;
}

void round_trip(const ldif_record& record) {
    require(record.first_line > 0 && record.first_line <= record.last_line);
    if (std::holds_alternative<ldif_rename>(record.what) || record.dn().text().size() > 64 * 1024) return;
    std::ostringstream out;
    ldif_writer writer(out);
    std::visit(write{writer}, record.what);
    const auto again = read_one(out.str());
    require(again.has_value() && again->dn().rdns() == record.dn().rdns());
    std::visit(compare{*again}, record.what);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
    ldif_reader reader(in, "f");
    std::vector<ldif_record> records;
    try {
        while (auto record = reader.next()) records.push_back(*std::move(record));
    } catch (const vmail::invalid_value& problem) {
        require(std::string_view(problem.what()).substr(0, 2) == "f:");
        require(!reader.next());
    }
    for (const auto& record : records) round_trip(record);
    return 0;
}
