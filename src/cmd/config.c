/*
 * config.c - `danesafe config check` and `danesafe config example`.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "edge/conf.h"

static int
check(const struct cmd *c)
{
	struct conf conf;
	struct err e;
	int rc = 0;

	if (conf_read(c->config, &conf, &e) < 0)
		return cmd_fail(&e);
	if (conf_check_world(&conf, &e) < 0 ||
	    conf_check_programs(&conf, &e) < 0)
		rc = cmd_fail(&e);
	else
		printf("%s: good: %zu host%s\n", c->config, conf.n_hosts,
		    conf.n_hosts == 1 ? "" : "s");
	conf_release(&conf);
	return rc;
}

static int
example(void)
{
	struct text t = TEXT_INIT;

	conf_example(&t);
	fputs(text_str(&t), stdout);
	text_release(&t);
	return 0;
}

int
cmd_config(const struct cmd *c, int argc, char **argv)
{
	char **words;
	int n = cmd_words(argc, argv, &words);

	if (n == 1 && strcmp(words[0], "check") == 0)
		return check(c);
	if (n == 1 && strcmp(words[0], "example") == 0)
		return example();
	return cmd_usage("config", n < 0 ? NULL : "check or example");
}
