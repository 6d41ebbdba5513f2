#include <memory>

#include <gmime/gmime.h>

#include "letter.hpp"

namespace vmail::tools {

namespace {

struct unref {
    template <typename Object> void operator()(Object* o) const { g_object_unref(o); }
};
template <typename Object> using owned = std::unique_ptr<Object, unref>;

struct free_text {
    void operator()(char* text) const { g_free(text); }
};

struct free_format {
    void operator()(GMimeFormatOptions* f) const { g_mime_format_options_free(f); }
};

/// Not by g_mime_text_part_set_text(), which takes whatever charset is enough.
owned<GMimePart> part_of(const letter& l) {
    const owned<GMimeStream> bytes(g_mime_stream_mem_new_with_buffer(l.body.data(), l.body.size()));
    const owned<GMimeDataWrapper> content(g_mime_data_wrapper_new_with_stream(bytes.get(), GMIME_CONTENT_ENCODING_DEFAULT));
    owned<GMimePart> part(g_mime_part_new_with_type("text", "plain"));
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
    g_mime_part_set_content(part.get(), content.get());
    g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return part;
}

} // namespace

std::string message_of(const letter& l) {
    static const bool begun = (g_mime_init(), true);
    (void)begun;
    const owned<GMimeMessage> message(g_mime_message_new(TRUE));
    auto* const m = message.get();
    g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_FROM, nullptr, l.from.c_str());
    g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_TO, l.to_name.empty() ? nullptr : l.to_name.c_str(), l.to.c_str());
    g_mime_message_set_subject(m, l.subject.c_str(), "utf-8");
    GDateTime* const date = g_date_time_new_from_unix_utc(l.date.epoch());
    g_mime_message_set_date(m, date);
    g_date_time_unref(date);
    if (!l.id.empty()) g_mime_message_set_message_id(m, l.id.c_str());
    const auto add = [m](const char* name, const std::string& value) { g_mime_object_append_header(GMIME_OBJECT(m), name, value.c_str(), "utf-8"); };
    add("Auto-Submitted", "auto-generated");
    if (!l.language.empty()) add("Content-Language", l.language);
    g_mime_message_set_mime_part(m, GMIME_OBJECT(part_of(l).get()));

    const std::unique_ptr<GMimeFormatOptions, free_format> format(g_mime_format_options_new());
    g_mime_format_options_set_newline_format(format.get(), GMIME_NEWLINE_FORMAT_UNIX);
    const std::unique_ptr<char, free_text> text(g_mime_object_to_string(GMIME_OBJECT(m), format.get()));
    return text.get();
}

} // namespace vmail::tools
