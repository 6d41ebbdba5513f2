#include <sstream>
#include <vector>

#include <fmt/format.h>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "yaml_reader.hpp"

namespace vmail::tools {

namespace {

using exchange::position;

position place_of(const YAML::Mark& m) {
    if (m.is_null()) return {};
    return {static_cast<std::size_t>(m.line) + 1, static_cast<std::size_t>(m.column) + 1};
}

class yaml_events final : public YAML::EventHandler {
public:
    explicit yaml_events(exchange::document_reader& to) : to_(to) {}

    void OnDocumentStart(const YAML::Mark& at) override {
        if (has_document_) to_.fail(place_of(at), "a second document begins");
        has_document_ = true;
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override {
        refuse_anchor(at, anchor);
        if (expects_key()) to_.fail(place_of(at), "a key is a word");
        to_.leaf({}, place_of(at));
        value_is_over();
    }
    void OnAlias(const YAML::Mark& at, YAML::anchor_t) override { to_.fail(place_of(at), "an alias: what a record says has to stand in it"); }

    void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override {
        refuse_anchor(at, anchor);
        refuse_tag(at, tag);
        if (expects_key()) {
            open_.back() = state::value;
            return to_.key(text, place_of(at));
        }
        to_.leaf({text, false}, place_of(at));
        value_is_over();
    }

    void OnSequenceStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        begin(at, tag, anchor);
        to_.begin_list(place_of(at));
        open_.push_back(state::list);
    }
    void OnSequenceEnd() override {
        open_.pop_back();
        to_.end_list();
        value_is_over();
    }

    void OnMapStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        begin(at, tag, anchor);
        to_.begin_map(place_of(at));
        open_.push_back(state::key);
    }
    void OnMapEnd() override {
        open_.pop_back();
        to_.end_map();
        value_is_over();
    }

private:
    enum class state { key, value, list };

    bool expects_key() const { return !open_.empty() && open_.back() == state::key; }
    void value_is_over() {
        if (!open_.empty() && open_.back() == state::value) open_.back() = state::key;
    }
    void begin(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor) const {
        refuse_anchor(at, anchor);
        refuse_tag(at, tag);
        if (expects_key()) to_.fail(place_of(at), "a key is a word");
    }
    void refuse_anchor(const YAML::Mark& at, YAML::anchor_t anchor) const {
        if (anchor != 0) to_.fail(place_of(at), "an anchor: what a record says has to stand in it");
    }
    /// Plain and quoted have none of their own.
    void refuse_tag(const YAML::Mark& at, const std::string& tag) const {
        if (!tag.empty() && tag != "?" && tag != "!") to_.fail(place_of(at), fmt::format("the tag {}: what a value is follows from its field", vmail::quoted(tag)));
    }

    exchange::document_reader& to_;
    std::vector<state> open_;
    bool has_document_ = false;
};

} // namespace

void read_yaml(const std::string& text, exchange::document_reader& to) {
    yaml_events events(to);
    try {
        std::istringstream in(text);
        YAML::Parser parser(in);
        while (parser.HandleNextDocument(events)) {}
    } catch (const YAML::Exception& e) {
        to.fail(place_of(e.mark), fmt::format("it is no YAML: {}", printable(e.msg)));
    }
    to.finish();
}

} // namespace vmail::tools
