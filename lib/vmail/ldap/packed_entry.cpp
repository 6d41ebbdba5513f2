#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <vmail/ldap/packed_entry.hpp>

namespace vmail::ldap {

namespace {

using count = std::uint32_t; // a server takes no more in one value

void put(std::string& bytes, std::size_t n) {
    const auto small = static_cast<count>(n);
    bytes.append(reinterpret_cast<const char*>(&small), sizeof small);
}

void put(std::string& bytes, std::string_view text) {
    put(bytes, text.size());
    bytes += text;
}

class reader {
public:
    explicit reader(std::string_view bytes) : left_(bytes) {}

    bool is_done() const noexcept { return left_.empty(); }

    std::size_t number() {
        count n = 0;
        std::memcpy(&n, left_.data(), sizeof n);
        left_.remove_prefix(sizeof n);
        return n;
    }

    std::string text() {
        const std::size_t length = number();
        std::string taken(left_.substr(0, length));
        left_.remove_prefix(length);
        return taken;
    }

private:
    std::string_view left_;
};

} // namespace

packed_entry::packed_entry(const entry& e) {
    put(bytes_, e.dn().text());
    for (const attribute& a : e.attributes()) {
        put(bytes_, a.name);
        put(bytes_, a.values.size());
        for (const std::string& value : a.values) put(bytes_, value);
    }
    bytes_.shrink_to_fit();
}

entry packed_entry::unpacked() const {
    reader from(bytes_);
    entry e(dn::parse(from.text()));
    while (!from.is_done()) {
        const std::string name = from.text();
        std::vector<std::string> values;
        for (std::size_t left = from.number(); left > 0; --left) values.push_back(from.text());
        e.set(name, std::move(values));
    }
    return e;
}

} // namespace vmail::ldap
