#include <nlohmann/json.hpp>

#include "json.hpp"
#include "remedy_words.hpp"

namespace vmail::tools {

namespace {

using object = nlohmann::ordered_json;

object to_json(const record& r);

struct to_json_value {
    object operator()(std::monostate) const { return nullptr; }
    object operator()(nonsense) const { return nullptr; }
    object operator()(unlimited) const { return nullptr; }
    object operator()(const paragraph& p) const { return p.text; }
    object operator()(const records& several) const {
        auto all = object::array();
        for (const auto& r : several.items) all.push_back(to_json(r));
        return all;
    }
    template <typename T>
    object operator()(const T& v) const {
        return v;
    }
};

object to_json(const record& r) {
    auto o = object::object();
    for (const auto& f : r) o[std::string(f.name)] = std::visit(to_json_value{}, f.value);
    return o;
}

std::string one_line(const object& o) { return o.dump(-1, ' ', true, object::error_handler_t::replace); }

} // namespace

std::string json_object(const record& r) { return one_line(to_json(r)); }

std::string json_message(std::string_view word, std::string_view sentence) {
    return one_line(object{{"version", 1}, {std::string(word), std::string(sentence)}});
}

std::string json_failure(const error& e, int exit_status) {
    object details{{"kind", std::string(name(e.kind()))}, {"message", e.what()}};
    if (!e.dn().empty()) details["dn"] = e.dn();
    if (e.ldap_code() != 0) details["ldap_code"] = e.ldap_code();
    if (const auto what_to_do = advice(e); !what_to_do.empty()) details["hint"] = what_to_do;
    details["exit_status"] = exit_status;
    return one_line(object{{"version", 1}, {"error", details}});
}

} // namespace vmail::tools
