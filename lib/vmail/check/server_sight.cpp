#include <algorithm>
#include <variant>

#include <vmail/error.hpp>
#include <vmail/ldap/request.hpp>

#include <vmail/check/server_sight.hpp>

namespace vmail::check {

namespace {

ldap::credentials as(const ldap::credentials& c) {
    if (const auto* const simple = std::get_if<ldap::simple_bind>(&c)) return ldap::simple_bind{simple->dn, simple->password.clone()};
    if (std::holds_alternative<ldap::external_bind>(c)) return ldap::external_bind{};
    return ldap::anonymous_bind{};
}

bool has_suffix_of(const ldap::entry& e, const ldap::dn& name) {
    const auto* const values = e.find("olcSuffix");
    return values != nullptr && std::any_of(values->begin(), values->end(), [&](const std::string& s) { return !s.empty() && name.is_within(ldap::dn::parse(s)); });
}

} // namespace

ldap::session_options server_sight::options_for(const std::string& uri, bool anonymous) const {
    const ldap::session_options& ours = session().options();
    ldap::session_options o;
    o.uris = {uri};
    o.credentials = anonymous ? ldap::credentials(ldap::anonymous_bind{}) : as(ours.credentials);
    o.starttls = ours.starttls;
    o.ca_file = ours.ca_file;
    if (!anonymous) o.cert_file = ours.cert_file;
    if (!anonymous) o.key_file = ours.key_file;
    o.allow_clear_bind_on_loopback = ours.allow_clear_bind_on_loopback;
    o.connect_timeout = ours.connect_timeout;
    o.operation_timeout = ours.operation_timeout;
    o.page_size = anonymous ? 0 : ours.page_size;
    o.never_read = ours.never_read;
    return o;
}

ldap::session server_sight::connect(const std::string& uri, bool anonymous) const { return ldap::session(options_for(uri, anonymous)); }

const std::optional<std::vector<ldap::entry>>& server_sight::configuration() {
    if (!is_read_) read_configuration();
    return database_;
}

std::optional<std::vector<std::string>> server_sight::modules() {
    if (!is_read_) read_configuration();
    return database_ ? std::optional(modules_) : std::nullopt;
}

void server_sight::read_configuration() {
    is_read_ = true;
    const auto root = session().find(ldap::dn(), {"configContext"});
    const auto at = root ? root->first("configContext") : std::nullopt;
    if (!at) return;
    try {
        // cn=config knows no paging, and says so of a search that wants it.
        auto unpaged = options_for(uri(), false);
        unpaged.page_size = 0;
        auto all = ldap::session(std::move(unpaged)).search({ldap::dn::parse(*at), ldap::scope::subtree, ldap::filter::present("objectClass"),
                                     {"objectClass", "olcSuffix", "olcDbIndex", "olcModuleLoad", "olcUniqueURI", "olcLimits", "olcOverlay"}}).take();
        std::optional<ldap::dn> ours;
        for (const ldap::entry& e : all) {
            if (const auto* const loaded = e.find("olcModuleLoad")) modules_.insert(modules_.end(), loaded->begin(), loaded->end());
            if (!ours && has_suffix_of(e, directory.site().layout.container())) ours = e.dn();
        }
        if (!ours) return;
        std::erase_if(all, [&](const ldap::entry& e) { return !e.dn().is_within(*ours); });
        database_ = std::move(all);
    } catch (const error& e) {
        if (!e.session_usable()) throw;
    }
}

ldap::dn server_sight::suffix() {
    const ldap::dn& container = directory.site().layout.container();
    const auto root = session().find(ldap::dn(), {"namingContexts"});
    const auto* const contexts = root ? root->find("namingContexts") : nullptr;
    ldap::dn top = directory.site().layout.base();
    for (const std::string& text : contexts != nullptr ? *contexts : std::vector<std::string>{})
        if (const auto context = ldap::dn::parse(text); !context.empty() && container.is_within(context)) top = context;
    return top;
}

} // namespace vmail::check
