#include <array>
#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/ldap/wire/ber_reader.hpp>
#include <vmail/ldap/wire/connection.hpp>
#include <vmail/ldap/wire/duration.hpp>
#include <vmail/ldap/wire/encode.hpp>
#include <vmail/ldap/wire/library.hpp>
#include <vmail/ldap/wire/unread.hpp>
#include <vmail/ldap/wire/write_encoder.hpp>

namespace vmail::ldap::wire {

namespace {

int wire_scope(scope s) {
    constexpr std::array scopes = {LDAP_SCOPE_BASE, LDAP_SCOPE_ONELEVEL, LDAP_SCOPE_SUBTREE, LDAP_SCOPE_CHILDREN};
    return static_cast<int>(scopes[static_cast<std::size_t>(s)]);
}

} // namespace

connection::~connection() {
    const no_sigpipe quiet;
    const armed guard(socket_, deadline()); // the unbind may block in a write, too
    ld_.reset();
}

namespace {

berval octets_of(const secret& password) {
    const std::string_view text = password.reveal();
    return {text.size(), const_cast<char*>(text.data())};
}

/// RFC 3062 section 2: PasswdModifyRequestValue.
bool encode(BerElement* ber, berval name, const secret& new_password, const secret* old_password) {
    berval fresh = octets_of(new_password), old = old_password != nullptr ? octets_of(*old_password) : berval{};
    return ber_printf(ber, "{tO", LDAP_TAG_EXOP_MODIFY_PASSWD_ID, &name) != -1 &&
           (old_password == nullptr || ber_printf(ber, "tO", LDAP_TAG_EXOP_MODIFY_PASSWD_OLD, &old) != -1) &&
           ber_printf(ber, "tON}", LDAP_TAG_EXOP_MODIFY_PASSWD_NEW, &fresh) != -1;
}

} // namespace

ldap::result connection::change_password(const dn& name, const secret& new_password, const secret* old_password) {
    std::string who = name.text();
    const element ber(ber_alloc_t(LBER_USE_DER));
    berval* raw = nullptr;
    const bool whole = ber && encode(ber.get(), as_berval(who), new_password, old_password) && ber_flatten(ber.get(), &raw) == 0;
    const bytes value(raw);
    if (!whole) throw error(error_kind::internal, "cannot encode the password modify request");
    struct wipe {
        berval* b;
        ~wipe() { explicit_bzero(b->bv_val, b->bv_len); }
    } const afterwards{raw};
    return extended(LDAP_EXOP_MODIFY_PASSWD, raw, nullptr);
}

ldap::result connection::extended(const char* oid, berval* value, std::string* response) {
    const no_sigpipe quiet;
    const armed guard(socket_, deadline());
    int id = 0;
    const int code = ldap_extended_operation(ld_.get(), oid, value, nullptr, nullptr, &id);
    const message m = wait_for(sent(code, id), true);
    ldap::result r = parse(m.get());
    char* raw_oid = nullptr;
    berval* raw_data = nullptr;
    ldap_parse_extended_result(ld_.get(), m.get(), &raw_oid, &raw_data, 0);
    const text oid_owner(raw_oid);
    const bytes data_owner(raw_data);
    if (response && raw_data && raw_data->bv_val) response->assign(raw_data->bv_val, raw_data->bv_len);
    return r;
}

page connection::search(const search_request& request, std::size_t page_size, const std::string& cookie) {
    const no_sigpipe quiet;
    const armed guard(socket_, deadline());
    return receive(expected_page{.message_id = send_search(request, page_size, cookie), .paged = page_size > 0});
}

page connection::search_few(const search_request& request, std::size_t most) {
    const no_sigpipe quiet;
    const armed guard(socket_, deadline());
    return receive(expected_page{.message_id = send_search(request, 0, {}, most)});
}

void connection::ask_ahead(const search_request& request, std::size_t page_size, const std::string& cookie) {
    const no_sigpipe quiet;
    const armed guard(socket_, deadline());
    ahead_ = expected_page{.message_id = send_search(request, page_size, cookie), .paged = true};
}

page connection::take_ahead() {
    const no_sigpipe quiet;
    const armed guard(socket_, deadline());
    return receive(*std::exchange(ahead_, std::nullopt));
}

void connection::take_in_ahead() {
    const no_sigpipe quiet;
    const armed guard(socket_, deadline());
    timeval at_once{};
    LDAPMessage* raw = nullptr;
    const int type = ahead_->whole ? 0 : ldap_result(ld_.get(), ahead_->message_id, LDAP_MSG_RECEIVED, &at_once, &raw);
    message m(raw);
    if (type < 0) break_off(last_code());
    if (type > 0) take_in(*ahead_, std::move(m));
}

/// It is waited for, not abandoned: what slapd remembers of a paged search is the connection's, and one that it still works on would spoil the next.
void connection::forget_ahead() {
    if (!ahead_ || !usable()) return;
    try {
        take_ahead();
    } catch (const broken&) { // whoever comes next is told
    }
}

std::optional<found> decoded(const page& p, const std::vector<std::string>& never_read) {
    found all{p.result, {}};
    entry_view view;
    for (const entry_message& e : p.entries) {
        if (!e.show(view, never_read)) return std::nullopt;
        all.entries.push_back(view.to_entry());
    }
    return all;
}

std::vector<page> connection::search_all(const std::vector<search_request>& requests) {
    constexpr std::size_t window = 32; // slapd ends a session with more than conn_max_pending (100) requests
    const no_sigpipe quiet;
    std::vector<int> sent_as;
    std::vector<page> answers;
    while (answers.size() < requests.size()) {
        const armed guard(socket_, deadline());
        while (sent_as.size() < requests.size() && sent_as.size() - answers.size() < window) sent_as.push_back(send_search(requests[sent_as.size()], 0, {}));
        answers.push_back(receive(expected_page{.message_id = sent_as[answers.size()]}));
    }
    return answers;
}

found connection::read(const search_request& request) {
    const page p = search(request, 0, {});
    auto all = decoded(p, options_.never_read);
    if (!all) break_off(LDAP_DECODING_ERROR);
    return std::move(*all);
}

int connection::send_search(const search_request& request, std::size_t page_size, const std::string& cookie, std::size_t most) {
    const std::string base = request.base.text(), filter = request.filter.text();
    auto names = as_names(request.attributes);
    control_array asked;
    if (page_size > 0) asked.add_page(ld_.get(), page_size, cookie);
    int id = 0;
    const int code = ldap_search_ext(ld_.get(), base.c_str(), wire_scope(request.scope), filter.c_str(), request.attributes.empty() ? nullptr : names.data(), 0,
                                     asked.get(), nullptr, nullptr, most > 0 ? static_cast<int>(most) : LDAP_NO_LIMIT, &id);
    if (code == LDAP_FILTER_ERROR) throw invalid_value(fmt::format("\"{}\" is not a search filter", printable(filter)), {.ldap_code = code});
    return sent(code, id);
}

page connection::receive(expected_page p) {
    while (!p.whole) take_in(p, wait_for(p.message_id, false));
    return std::move(p.so_far);
}

void connection::take_in(expected_page& p, message m) {
    const message& all = p.so_far.messages.emplace_back(std::move(m));
    for (LDAPMessage* part = ldap_first_message(ld_.get(), all.get()); part; part = ldap_next_message(ld_.get(), part)) {
        const int type = ldap_msgtype(part);
        if (type == LDAP_RES_SEARCH_REFERENCE) p.refers = true;
        if (type == LDAP_RES_SEARCH_ENTRY) p.so_far.entries.push_back(entry_in(part));
        if (type != LDAP_RES_SEARCH_RESULT) continue;
        controls answered;
        p.so_far.result = parse(part, &answered);
        if (p.so_far.result.ok() && p.refers) p.so_far.result.code = LDAP_REFERRAL;
        if (p.so_far.result.ok() && p.paged) p.so_far.cookie = cookie_of(answered.get());
        p.whole = true;
    }
}

/// A page without the control, or with one that cannot be read, says nothing of whether there are more.
std::string connection::cookie_of(LDAPControl** answered) {
    LDAPControl* c = find_control(LDAP_CONTROL_PAGEDRESULTS, answered);
    if (!c || !c->ldctl_value.bv_val) break_off(LDAP_DECODING_ERROR); // liblber asserts that there is a value
    ber_int_t estimate = 0;
    berval raw{};
    const int parsed = ldap_parse_pageresponse_control(ld_.get(), c, &estimate, &raw);
    const text owner(raw.bv_val);
    if (parsed != LDAP_SUCCESS) break_off(LDAP_DECODING_ERROR);
    return raw.bv_val ? std::string(raw.bv_val, raw.bv_len) : std::string();
}

int connection::send(const write_request& request) {
    const no_sigpipe quiet;
    const armed guard(socket_, deadline());
    int id = 0;
    const int code = send_write(ld_.get(), request, id);
    return sent(code, id);
}

std::optional<connection::answer> connection::receive(bool wait) {
    const no_sigpipe quiet;
    const armed guard(socket_, deadline());
    for (;;) {
        timeval patience_left = wait ? patience() : timeval{};
        LDAPMessage* raw = nullptr;
        const int type = ldap_result(ld_.get(), LDAP_RES_ANY, LDAP_MSG_ALL, &patience_left, &raw);
        message m(raw);
        if (type == 0 && !wait) return std::nullopt;
        if (type == 0) break_off(LDAP_TIMEOUT);
        if (type < 0) break_off(last_code());
        const int id = ldap_msgid(m.get());
        if (id == 0) break_off(LDAP_SERVER_DOWN); // notice of disconnection
        if (!ahead_ || id != ahead_->message_id) return answer{id, parse(m.get())};
        take_in(*ahead_, std::move(m));
    }
}

timeval connection::patience() const { return as_timeval(options_.operation_timeout); }

message connection::wait_for(int message_id, bool all) {
    timeval patience_left = patience();
    LDAPMessage* raw = nullptr;
    const int type = ldap_result(ld_.get(), message_id, all ? LDAP_MSG_ALL : LDAP_MSG_RECEIVED, &patience_left, &raw);
    message m(raw);
    if (type == 0) break_off(LDAP_TIMEOUT);
    if (type < 0) break_off(last_code());
    return m;
}

int connection::sent(int code, int message_id) {
    if (code == LDAP_SUCCESS) return message_id;
    if (code == LDAP_ENCODING_ERROR || code == LDAP_PARAM_ERROR)
        throw error(error_kind::internal, "cannot encode the request: " + ldap_code_name(code), {.ldap_code = code});
    break_off(code); // also LDAP_BUSY, which libldap says of a request that stays in its queue: whether it left is not known
}

void connection::break_off(int code) {
    usable_ = false;
    const bool late = socket_.fired() || code == LDAP_TIMEOUT;
    if (late) throw broken{LDAP_TIMEOUT, fmt::format("{} did not answer within {}", printable(uri_), seconds_text(options_.operation_timeout))};
    throw broken{code, code == LDAP_SERVER_DOWN ? fmt::format("the connection to {} broke", printable(uri_))
                                                : fmt::format("the connection to {} is of no more use: {}", printable(uri_), ldap_code_name(code))};
}

int connection::last_code() const {
    int code = LDAP_SERVER_DOWN;
    ldap_get_option(ld_.get(), LDAP_OPT_RESULT_CODE, &code);
    return code == LDAP_SUCCESS ? LDAP_SERVER_DOWN : code;
}

std::string connection::diagnostic() const {
    char* raw = nullptr;
    ldap_get_option(ld_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, &raw);
    const text words(raw);
    return words ? words.get() : "";
}

ldap::result connection::parse(LDAPMessage* m, controls* response_controls) const {
    ldap::result r;
    char *matched = nullptr, *words = nullptr, **urls = nullptr;
    LDAPControl** cs = nullptr;
    const int code = ldap_parse_result(ld_.get(), m, &r.code, &matched, &words, &urls, &cs, 0);
    const text matched_owner(matched), words_owner(words);
    const strings urls_owner(urls);
    controls owned(cs);
    if (code != LDAP_SUCCESS) r.code = code;
    if (matched) r.matched_dn = matched;
    if (words) r.diagnostic = words;
    for (char** u = urls; u && *u; ++u) r.referrals.emplace_back(*u);
    r.pre_read = read_entry_control(LDAP_CONTROL_PRE_READ, cs, options_.never_read);
    r.post_read = read_entry_control(LDAP_CONTROL_POST_READ, cs, options_.never_read);
    if (response_controls) *response_controls = std::move(owned);
    return r;
}

/// libldap has seen that the list of attributes is there as a whole, and not what is in it. It ends the name by a NUL, where the tag of the list was.
entry_message connection::entry_in(LDAPMessage* m) {
    berval name{};
    const int code = ldap_get_dn_ber(ld_.get(), m, nullptr, &name);
    if (code != LDAP_SUCCESS || !name.bv_val) break_off(LDAP_DECODING_ERROR);
    return {{name.bv_val, name.bv_len}, ber_reader::content_at(name.bv_val + name.bv_len)};
}

} // namespace vmail::ldap::wire
