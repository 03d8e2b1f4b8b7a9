// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What runtimes have on disk: files in the form that each documents, with made-up contents. */
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/kernel/containers/container_json.h"

typedef int parser(const char *text, size_t len, struct dcm_container *ret);

static const struct {
	const char *name, *text;
	parser *parse;
	int err;
	const char *container, *image, *pod, *namespace; /* NULL: absent */
} cases[] = {
	{"docker",
	 "{\"State\":{\"Running\":true,\"Pid\":942},\"ID\":\"0123\",\"Name\":\"/web-1\","
	 "\"Config\":{\"Hostname\":\"0123\",\"Image\":\"nginx:1.25\",\"Labels\":{}}}",
	 dcm_container_parse_docker, 0, "web-1", "nginx:1.25", NULL, NULL},
	{"docker, no labels", "{\"Name\":\"/web-1\",\"Config\":{\"Labels\":null}}\n",
	 dcm_container_parse_docker, 0, "web-1", NULL, NULL, NULL},
	{"docker, Kubernetes",
	 "{\"Name\":\"/k8s_nginx_cart_shop_1_0\",\"Config\":{\"Image\":\"sha256:1\",\"Labels\":{"
	 "\"io.kubernetes.container.name\":\"nginx\",\"io.kubernetes.pod.name\":\"cart\","
	 "\"io.kubernetes.pod.namespace\":\"shop\"}}}",
	 dcm_container_parse_docker, 0, "nginx", "sha256:1", "cart", "shop"},
	{"docker, Kubernetes, what the pod shares",
	 "{\"Name\":\"/k8s_POD_cart_shop_1_0\",\"Config\":{\"Image\":\"pause:3\",\"Labels\":{"
	 "\"io.kubernetes.container.name\":\"POD\",\"io.kubernetes.pod.name\":\"cart\","
	 "\"io.kubernetes.pod.namespace\":\"shop\"}}}",
	 dcm_container_parse_docker, 0, NULL, "pause:3", "cart", "shop"},
	{"docker, an empty name", "{\"Name\":\"/\",\"Config\":{}}", dcm_container_parse_docker, 0,
	 NULL, NULL, NULL, NULL},
	{"docker, other types", "{\"Name\":[\"/web\"],\"Config\":[{\"Image\":3}]}",
	 dcm_container_parse_docker, 0, NULL, NULL, NULL, NULL},
	{"docker, a name with a NUL", "{\"Name\":\"/web\\u0000x\"}", dcm_container_parse_docker, 0,
	 NULL, NULL, NULL, NULL},
	{"docker, cut short", "{\"Name\":\"/web-1\",\"Conf", dcm_container_parse_docker, -EINVAL,
	 NULL, NULL, NULL, NULL},
	{"docker, two documents", "{\"Name\":\"/a\"}{\"Name\":\"/b\"}", dcm_container_parse_docker,
	 -EINVAL, NULL, NULL, NULL, NULL},
	{"docker, blanks behind it", "{\"Name\":\"/web-1\"} \t\r\n", dcm_container_parse_docker, 0,
	 "web-1", NULL, NULL, NULL},
	{"docker, a label beyond ASCII",
	 "{\"Name\":\"/web-1\",\"Config\":{\"Image\":\"nginx\",\"Labels\":{"
	 "\"maintainer\":\"J\xc3\xb6rg\"}}}",
	 dcm_container_parse_docker, 0, "web-1", "nginx", NULL, NULL},
	{"docker, an array", "[]", dcm_container_parse_docker, -EINVAL, NULL, NULL, NULL, NULL},
	{"docker, empty", "", dcm_container_parse_docker, -EINVAL, NULL, NULL, NULL, NULL},
	{"containerd, ctr", "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"}}",
	 dcm_container_parse_bundle, 0, NULL, NULL, NULL, NULL},
	{"containerd, Kubernetes",
	 "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"nginx\","
	 "\"io.kubernetes.cri.container-type\":\"container\","
	 "\"io.kubernetes.cri.image-name\":\"docker.io/library/nginx:1.25\","
	 "\"io.kubernetes.cri.sandbox-name\":\"cart\","
	 "\"io.kubernetes.cri.sandbox-namespace\":\"shop\"}}",
	 dcm_container_parse_bundle, 0, "nginx", "docker.io/library/nginx:1.25", "cart", "shop"},
	{"containerd, what the pod shares",
	 "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"sandbox\","
	 "\"io.kubernetes.cri.sandbox-name\":\"cart\","
	 "\"io.kubernetes.cri.sandbox-namespace\":\"shop\"}}",
	 dcm_container_parse_bundle, 0, NULL, NULL, "cart", "shop"},
	{"CRI-O",
	 "{\"annotations\":{\"io.kubernetes.container.name\":\"nginx\","
	 "\"io.kubernetes.cri-o.ImageName\":\"quay.io/nginx:1\","
	 "\"io.kubernetes.pod.name\":\"cart\",\"io.kubernetes.pod.namespace\":\"shop\"}}",
	 dcm_container_parse_bundle, 0, "nginx", "quay.io/nginx:1", "cart", "shop"},
	{"CRI-O, what the pod shares",
	 "{\"annotations\":{\"io.kubernetes.container.name\":\"POD\","
	 "\"io.kubernetes.pod.name\":\"cart\",\"io.kubernetes.pod.namespace\":\"shop\"}}",
	 dcm_container_parse_bundle, 0, NULL, NULL, "cart", "shop"},
};

static void assert_text(const char *is, const char *expected)
{
	if (expected) {
		assert_non_null(is);
		assert_string_equal(is, expected);
	} else {
		assert_null(is);
	}
}

static void test_cases(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].text);
		_cleanup_free_ char *text = text_exact(cases[i].text, len);
		struct dcm_container container = {0};

		print_message("%s\n", cases[i].name);
		assert_int_equal(cases[i].parse(text, len, &container), cases[i].err);
		assert_text(container.name, cases[i].container);
		assert_text(container.image, cases[i].image);
		assert_text(container.pod, cases[i].pod);
		assert_text(container.namespace, cases[i].namespace);
		dcm_container_deinit(&container);
	}
}

/* What is too long is absent, not cut: half a name is another one. */
static void test_long(void **state)
{
	char text[DCM_CONTAINER_TEXT_MAX + 64];

	for (size_t len = DCM_CONTAINER_TEXT_MAX - 1; len <= DCM_CONTAINER_TEXT_MAX + 1; len++) {
		struct dcm_container container = {0};
		int n = snprintf(text, sizeof(text), "{\"Config\":{\"Image\":\"%0*d\"}}", (int)len,
				 0);

		assert_int_equal(dcm_container_parse_docker(text, (size_t)n, &container), 0);
		assert_int_equal(container.image != NULL, len <= DCM_CONTAINER_TEXT_MAX);
		dcm_container_deinit(&container);
	}
}

/* The parser's own depth is bounded. */
static void test_deep(void **state)
{
	struct dcm_container container = {0};
	char text[4096];

	memset(text, '[', sizeof(text));
	memcpy(text, "{\"a\":", 5);
	assert_int_equal(dcm_container_parse_docker(text, sizeof(text), &container), -EINVAL);
}

static const char stored[] =
	"[{\"id\":\"aa\",\"names\":[\"web-1\",\"old\"],\"image\":\"0f\",\"layer\":\"11\","
	"\"metadata\":\"{\\\"image-name\\\":\\\"docker.io/library/busybox:latest\\\","
	"\\\"name\\\":\\\"before\\\"}\"},"
	"{\"names\":[\"no id\"],\"layer\":\"22\"},"
	"3,"
	"{\"id\":\"bb\",\"names\":[\"k8s_nginx_cart_shop_1_0\"],\"layer\":\"33\","
	"\"metadata\":\"{\\\"pod-id\\\":\\\"cc\\\",\\\"image-name\\\":\\\"nginx\\\"}\"},"
	"{\"id\":\"dd\",\"names\":[],\"metadata\":\"not JSON\"}]";

static void test_storage(void **state)
{
	struct dcm_stored_containers list;

	assert_int_equal(dcm_container_parse_storage(stored, strlen(stored), &list), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.item[0].container.id, "aa");
	assert_string_equal(list.item[0].container.name, "web-1");
	assert_string_equal(list.item[0].container.image, "docker.io/library/busybox:latest");
	assert_string_equal(list.item[0].layer, "11");
	assert_int_equal(list.item[0].container.runtime, DCM_RUNTIME_PODMAN);
	assert_int_equal(list.item[1].container.runtime, DCM_RUNTIME_CRIO);
	assert_string_equal(list.item[1].container.image, "nginx");
	assert_null(list.item[2].container.name);
	assert_null(list.item[2].layer);
	dcm_stored_containers_deinit(&list);
	assert_int_equal(dcm_container_parse_storage("{}", 2, &list), -EINVAL);
	assert_int_equal(dcm_container_parse_storage("[]", 2, &list), 0);
	assert_int_equal(list.count, 0);
	dcm_stored_containers_deinit(&list);
}

static void test_netns(void **state)
{
	static const struct {
		int (*parse)(const char *text, size_t len, char **ret);
		const char *text, *file;
		int err;
	} files[] = {
		{dcm_container_parse_docker_netns,
		 "{\"NetworkSettings\":{\"SandboxKey\":\"/var/run/docker/netns/a\"}}",
		 "/var/run/docker/netns/a", 0},
		{dcm_container_parse_docker_netns, "{\"NetworkSettings\":{\"SandboxKey\":\"\"}}",
		 NULL, 0},
		{dcm_container_parse_docker_netns, "{\"NetworkSettings\":null}", NULL, 0},
		{dcm_container_parse_docker_netns, "[]", NULL, -EINVAL},
		{dcm_container_parse_bundle_netns,
		 "{\"linux\":{\"namespaces\":[7,{\"type\":\"mount\",\"path\":\"/m\"},"
		 "{\"type\":\"network\",\"path\":\"/run/netns/a\"}]}}",
		 "/run/netns/a", 0},
		{dcm_container_parse_bundle_netns,
		 "{\"linux\":{\"namespaces\":[{\"type\":\"network\"}]}}", NULL, 0},
		{dcm_container_parse_bundle_netns, "{\"linux\":{\"namespaces\":{}}}", NULL, 0},
		{dcm_container_parse_bundle_netns, "{\"linux\":[]}", NULL, 0},
		{dcm_container_parse_bundle_netns, "{", NULL, -EINVAL},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(files); i++) {
		char *file = NULL;

		assert_int_equal(files[i].parse(files[i].text, strlen(files[i].text), &file),
				 files[i].err);
		assert_string_equal(file ? file : "none", files[i].file ? files[i].file : "none");
		free(file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_long),
		cmocka_unit_test(test_deep),  cmocka_unit_test(test_storage),
		cmocka_unit_test(test_netns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
