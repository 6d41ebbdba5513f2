#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <vmail/jobs/notices.hpp>

#include <cli/invocation.hpp>

#include "letter.hpp"
#include "notice_letters.hpp"

namespace vmail::tools {

struct notice_counts {
    std::size_t told = 0, failed = 0, left = 0; ///< told: in a dry run, shown
    std::string closed{};                       ///< why the mail server takes nothing any more; empty: it does
};

/// Tells what becomes of each notice, as lines or as JSON, and at the end of the whole.
class news_writer {
public:
    explicit news_writer(invocation& run) : run_(run) {}

    void tell(const account_news& n, const std::string& why);
    void tell_admin(const std::string& to, std::string_view outcome, std::size_t accounts);
    void show(const letter& l);
    void finish(bool is_dry, const notice_plan& plan, const notice_counts& counts, int exit_status);

private:
    using object = nlohmann::ordered_json;
    void line(const std::string& text);
    void add(object&& o);
    void write(const object& o);

    invocation& run_;
    object all_ = object::array();
};

} // namespace vmail::tools
