#include "command.hpp"
#include "entity_fields.hpp"

namespace vmail::tools {

namespace {

int whoami(invocation& run) {
    const auto& session = run.session();
    const auto or_nothing = [](const std::string& text) { return text.empty() ? value{} : value{text}; };
    const auto out = make_output(run.format(), table_shape::card, run.out());
    out->write(chosen_fields({{"identity", session.identity().empty() ? "anonymous" : session.identity()},
                              {"uri", session.uri()},
                              {"base", run.configuration().base->text()}, // as it was set: the session is not there without one
                              {"tls", or_nothing(session.tls_version())}},
                             run.flags().fields, run.format()));
    out->finish();
    return 0;
}

} // namespace

void add_whoami_command(command_tree& tree) {
    tree.add_plain(tree.root(), "whoami", "Show which server answers, and as whom it knows us", "mailctl whoami", whoami);
}

} // namespace vmail::tools
