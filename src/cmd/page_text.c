/*
 * page_text.c - the words and looks of the page: what is escaped, styles,
 * patterns.  Colour is never the only carrier: every stage has a pattern and
 * a name.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/page.h"

void
page_add(struct text *t, const char *s)
{
	for (; *s != 0; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '&')
			text_add(t, "&amp;");
		else if (c == '<')
			text_add(t, "&lt;");
		else if (c == '>')
			text_add(t, "&gt;");
		else if (c == '"')
			text_add(t, "&quot;");
		else if (c == '\'')
			text_add(t, "&#39;");
		else if (c == '\n' || (c >= ' ' && c < 0x7f))
			text_addn(t, s, 1);
		else
			text_addf(t, "\\x%02x", c);
	}
}

void
page_addf(struct text *t, const char *fmt, ...)
{
	struct text raw = TEXT_INIT;
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&raw, fmt, ap);
	va_end(ap);
	page_add(t, text_str(&raw));
	text_release(&raw);
}

static const char STYLE[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1a1d21;--soft:#5b636d;"
    "--line:#d5d9de;--card:#f6f7f9;--generated:#8a93a0;--published:#c77d00;"
    "--ready:#1f6fd0;--deployed:#1c8745;--retiring:#8a4fbf;"
    "--hold:#c4374a;--ink:#fff;--ok:#1c8745;--warning:#a35f00;"
    "--critical:#b3202f}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e6e9ed;"
    "--soft:#a0a9b4;--line:#363d46;--card:#1c2127;--generated:#7d8794;"
    "--published:#e0a03a;--ready:#5b9df0;--deployed:#3fae6b;"
    "--retiring:#b083e0;--hold:#ef6b7b;--ink:#0e1013;--ok:#55c583;"
    "--warning:#eab04a;--critical:#ff8088}}\n"
    "*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:68rem;padding:1rem;background:var(--bg);"
    "color:var(--fg);font:16px/1.5 system-ui,sans-serif;"
    "overflow-wrap:break-word}\n"
    "h1{font-size:1.5rem;margin:.2rem 0}"
    "h2{font-size:1.25rem;margin:0 0 .3rem}"
    "h3{font-size:1rem;margin:1.4rem 0 .4rem}"
    "p{margin:.3rem 0}.soft{color:var(--soft)}"
    "code,.id{font-family:ui-monospace,monospace;font-size:.93em}\n"
    "section{background:var(--card);border:1px solid var(--line);"
    "border-radius:.5rem;padding:1rem;margin:1.2rem 0}"
    ".health{font-weight:600;border:1px solid;border-radius:.3rem;"
    "padding:0 .45rem;font-size:.9rem}"
    ".ok{color:var(--ok)}.warning{color:var(--warning)}"
    ".critical{color:var(--critical)}\n"
    "table{border-collapse:collapse;width:100%;margin:.4rem 0;"
    "font-size:.93rem}"
    "th,td{text-align:left;vertical-align:top;padding:.25rem .8rem .25rem 0;"
    "border-bottom:1px solid var(--line)}"
    "td[data-h^=Name],td[data-h=Answer],td[data-h=Next],h2,li,p"
    "{overflow-wrap:anywhere}td[data-h=For]{white-space:nowrap}"
    "th{color:var(--soft);font-weight:500}"
    "ul{padding-left:1.2rem;margin:.4rem 0}li{white-space:pre-line}\n"
    "svg.time{display:block;width:100%;overflow:visible}"
    "svg.time text{font:12px system-ui,sans-serif;fill:var(--fg)}"
    "svg.time text.soft{fill:var(--soft)}"
    "svg.time text.in{fill:var(--ink);font-weight:600}"
    "svg.time text.out{fill:var(--fg)}"
    ".grid{stroke:var(--line)}.now{stroke:var(--fg);stroke-width:1.5}"
    ".lane{fill:var(--line);opacity:.35}"
    ".shown{fill:var(--soft)}\n"
    ".b{stroke-width:1}.plan{opacity:.5;stroke-dasharray:3 2}"
    ".generated{fill:url(#p-generated);stroke:var(--generated)}"
    ".published{fill:url(#p-published);stroke:var(--published)}"
    ".ready{fill:url(#p-ready);stroke:var(--ready)}"
    ".deployed{fill:var(--deployed);stroke:var(--deployed)}"
    ".retiring{fill:url(#p-retiring);stroke:var(--retiring)}"
    ".retired,.aborted{fill:none;stroke:var(--soft);stroke-dasharray:2 3}"
    ".hold{fill:url(#p-hold);stroke:var(--hold)}\n"
    ".f-generated{fill:var(--generated)}.f-published{fill:var(--published)}"
    ".f-ready{fill:var(--ready)}.f-retiring{fill:var(--retiring)}"
    ".f-hold{fill:var(--hold)}.f-bg{fill:var(--bg)}\n"
    ".legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.87rem;"
    "list-style:none;padding:0}.legend svg{width:2.2rem;height:.9rem;"
    "vertical-align:-.1rem;margin-right:.35rem}\n"
    "@media(max-width:40rem){body{padding:.5rem}section{padding:.7rem}"
    "svg.time .wide{display:none}"
    "table.stack thead{display:none}table.stack td{display:block;border:0;"
    "padding:.1rem 0}table.stack td::before{content:attr(data-h) \": \";"
    "color:var(--soft)}table.stack tr{display:block;"
    "border-bottom:1px solid var(--line);padding:.35rem 0}}\n"
    "@media print{body{max-width:none;padding:0;font-size:10pt}"
    "section{background:none}h2,h3,h2+p{break-after:avoid}"
    "svg,tr,li,p{break-inside:avoid}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

/* Each drawn so that it is told from the others without colour. */
static const char PATTERNS[] =
    "<svg width=\"0\" height=\"0\" style=\"position:absolute\" "
    "aria-hidden=\"true\"><defs>"
    "<pattern id=\"p-generated\" width=\"6\" height=\"6\" "
    "patternUnits=\"userSpaceOnUse\"><rect width=\"6\" height=\"6\" "
    "class=\"f-bg\"/><circle cx=\"3\" cy=\"3\" r=\"1.3\" "
    "class=\"f-generated\"/></pattern>"
    "<pattern id=\"p-published\" width=\"7\" height=\"7\" "
    "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
    "<rect width=\"7\" height=\"7\" class=\"f-bg\"/><rect width=\"3\" "
    "height=\"7\" class=\"f-published\"/></pattern>"
    "<pattern id=\"p-ready\" width=\"6\" height=\"4\" "
    "patternUnits=\"userSpaceOnUse\"><rect width=\"6\" height=\"4\" "
    "class=\"f-bg\"/><rect width=\"6\" height=\"2.4\" class=\"f-ready\"/>"
    "</pattern>"
    "<pattern id=\"p-retiring\" width=\"7\" height=\"7\" "
    "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(-45)\">"
    "<rect width=\"7\" height=\"7\" class=\"f-bg\"/><rect width=\"4\" "
    "height=\"7\" class=\"f-retiring\"/></pattern>"
    "<pattern id=\"p-hold\" width=\"5\" height=\"5\" "
    "patternUnits=\"userSpaceOnUse\"><rect width=\"5\" height=\"5\" "
    "class=\"f-bg\"/><rect width=\"1.6\" height=\"5\" class=\"f-hold\"/>"
    "</pattern></defs></svg>\n";

static void
legend(struct text *t, const char *class, const char *words)
{
	text_addf(t,
	    "<li><svg aria-hidden=\"true\"><rect x=\"1\" y=\"1\" width=\"92%%\""
	    " height=\"85%%\" class=\"b %s\"/></svg>%s</li>\n",
	    class, words);
}

void
page_begin(struct text *t, const char *title)
{
	text_add(t,
	    "<!DOCTYPE html>\n<html lang=\"en\" "
	    "xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
	    "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\"/>\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
	    "<title>");
	page_add(t, title);
	text_addf(t, "</title>\n<style>\n%s</style>\n</head>\n<body>\n%s",
	    STYLE, PATTERNS);
	text_add(t, "<header><h1>");
	page_add(t, title);
	text_add(t, "</h1>\n<ul class=\"legend\">\n");
	for (int s = 0; s < STAGE_RETIRED; s++)
		legend(t, stage_name((enum stage)s), stage_name((enum stage)s));
	legend(t, "deployed plan", "paler: to come, if nothing fails");
	legend(t, "shown", "thin lines: a name server each shows its record");
	legend(t, "hold", "caches may hold an older set");
	text_add(t, "</ul></header>\n");
}
