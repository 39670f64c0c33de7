using System.Net;
using System.Text;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

/// <summary>Anybody on the pod network can send anything here.</summary>
public sealed class MalformedRequestTests
{
    private static readonly string[] Paths = ["/validate-pod", "/mutate-pod", "/validate-trainingjob"];

    private static readonly string Deep = string.Concat(Enumerable.Repeat("{\"a\":", 20_000)) + "1" + new string('}', 20_000);

    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["nothing"] = "",
        ["a blank"] = " ",
        ["not JSON"] = "hello",
        ["YAML"] = "apiVersion: admission.k8s.io/v1",
        ["cut short"] = Review.OfPod(Review.Pod("sft"))[..200],
        ["two documents"] = Review.OfPod(Review.Pod("sft")) + "{}",
        ["a trailing comma"] = """{"apiVersion": "admission.k8s.io/v1",}""",
        ["a comment"] = "/* hello */" + Review.OfPod(Review.Pod("sft")),
        ["an array"] = "[" + Review.OfPod(Review.Pod("sft")) + "]",
        ["null"] = "null",
        ["a number"] = "7",
        ["a string"] = "\"AdmissionReview\"",
        ["an empty object"] = "{}",
        ["another kind"] = Review.OfPod(Review.Pod("sft")).Replace("AdmissionReview", "Pod", StringComparison.Ordinal),
        ["a kind in another case"] = Review.OfPod(Review.Pod("sft")).Replace("AdmissionReview", "admissionreview", StringComparison.Ordinal),
        ["v1beta1"] = Review.OfPod(Review.Pod("sft")).Replace("admission.k8s.io/v1", "admission.k8s.io/v1beta1", StringComparison.Ordinal),
        ["no request"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}""",
        ["a null request"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": null}""",
        ["a request that is a list"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": []}""",
        ["no uid"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"operation": "CREATE"}}""",
        ["an empty uid"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": ""}}""",
        ["a uid that is a number"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": 7}}""",
        ["Uid for uid"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"Uid": "x"}}""",
        ["an operation that is a list"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "x", "operation": []}}""",
        ["request twice"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "x"}, "request": {"uid": "y"}}""",
        ["uid twice"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "x", "uid": "y"}}""",
        ["half a surrogate pair as uid"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "\ud800"}}""",
        ["half a surrogate pair as name of a member"] = """{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "\ud800": 1, "request": {"uid": "\udc00\ud800"}}""",
        ["nested 20,000 deep"] = Deep,
        ["an object nested 20,000 deep"] = Review.OfPod(Deep),
        ["half a surrogate pair as the key of a label"] = Review.OfPod("""{"metadata": {"labels": {"\udc00": "x"}}}"""),
        ["half a surrogate pair in a label"] = Review.OfPod("""{"metadata": {"labels": {"gpumem.io/training-job": "\ud800"}}}"""),
        ["half a surrogate pair behind a whole one"] = Review.OfPod("""{"metadata": {"labels": {"gpumem.io/training-job": "\ud83d\ude00\uD83D"}}}"""),
        ["half a surrogate pair in a spec"] = Review.OfJob("""{"metadata": {"name": "a"}, "spec": {"model": {"name": "\ud800"}, "training": {"sequenceLength": 8}}}"""),
        ["a long word that is no JSON"] = Review.OfPod(new string('x', 10_000)),
        ["a label twice"] = Review.OfPod("""{"metadata": {"labels": {"gpumem.io/training-job": "a", "gpumem.io/training-job": "b"}}}"""),
        ["an object's member twice"] = Review.OfPod("""{"spec": {}, "spec": {}}"""),
    };

    public static TheoryData<string> Cases => [.. Bodies.Keys];

    [Trait("Fault", "C40")]
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_is_no_review_gets_a_400_that_says_so_in_plain_text(string what)
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory(Example.Node("h100-0")));
        foreach (var path in Paths)
        {
            using var answer = await server.PostAsync(path, Encoding.UTF8.GetBytes(Bodies[what]));
            var text = await answer.Content.ReadAsStringAsync();
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
            Assert.Contains("AdmissionReview", text);
            Assert.InRange(text.Length, 1, 400);
        }
    }

    [Trait("Fault", "C35")]
    [Theory]
    [InlineData("invalid UTF-8", new byte[] { 0x22, 0xFF, 0xFE, 0x22 })]
    [InlineData("zeros", new byte[] { 0, 0, 0, 0 })]
    [InlineData("a gzip header", new byte[] { 0x1F, 0x8B, 8, 0 })]
    [InlineData("UTF-16", new byte[] { 0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00 })]
    public async Task Bytes_that_are_no_text_get_a_400(string what, byte[] body)
    {
        Assert.NotEmpty(what);
        await using var server = await WebhookServer.StartAsync(Example.Inventory());
        using var answer = await server.PostAsync("/validate-pod", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        // Also inside of a text, where the parser does not look.
        var inside = Encoding.UTF8.GetBytes(Review.OfPod("""{"metadata": {"annotations": {"a": "@"} } }"""));
        var at = Array.IndexOf(inside, (byte)'@');
        using var another = await server.PostAsync("/validate-pod", [.. inside[..at], .. body.Where(b => b != '"' && b >= 0x80), .. inside[(at + 1)..]]);
        Assert.Equal(body.Any(b => b >= 0x80) ? HttpStatusCode.BadRequest : HttpStatusCode.OK, another.StatusCode);
    }

    [Theory]
    [InlineData("\\ud83d\\ude00")]
    [InlineData("\\\\ud800")]
    public async Task A_whole_surrogate_pair_is_text_and_so_is_a_backslash_before_letters(string text)
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory(Example.Node("h100-0")));
        Assert.True((bool)(await server.AskAsync("/validate-pod", Review.OfPod($$$"""{"metadata": {"annotations": {"a": "{{{text}}}"} } }""")))["allowed"]!);
    }

    [Trait("Fault", "C34")]
    [Fact]
    public async Task An_object_nested_deeper_than_any_real_one_is_answered()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 400)) + "1" + new string('}', 400);
        await using var server = await WebhookServer.StartAsync(Example.Inventory(Example.Node("h100-0")), Example.Job("sft", Example.Several));
        var pod = Review.Pod("sft", extra: $"\"x\": {deep}, ");
        Assert.True((bool)(await server.AskAsync("/validate-pod", Review.OfPod(pod)))["allowed"]!);
        Assert.True((bool)(await server.AskAsync("/mutate-pod", Review.OfPod(pod)))["allowed"]!);
    }

    [Trait("Fault", "C40")]
    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/yaml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/vnd.kubernetes.protobuf")]
    public async Task Another_content_type_gets_a_415(string type)
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory());
        using var answer = await server.PostAsync("/validate-pod", Encoding.UTF8.GetBytes(Review.OfPod(Review.Pod("sft"))), type);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Contains("application/json", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("APPLICATION/JSON")]
    public async Task JSON_by_any_spelling_is_read(string type)
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory());
        using var answer = await server.PostAsync("/validate-pod", Encoding.UTF8.GetBytes(Review.OfPod(Review.Pod(null))), type);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Trait("Fault", "C36")]
    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("nonsense")]
    public async Task A_content_encoding_gets_a_415(string encoding)
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory());
        using var content = new ByteArrayContent([0x1F, 0x8B, 8, 0]);
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add(encoding);
        using var answer = await server.Http.PostAsync(new Uri("/validate-pod", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Trait("Fault", "C40")]
    [Fact]
    public async Task Another_method_gets_a_405_and_another_path_a_404()
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory());
        using var get = await server.Http.GetAsync(new Uri("/validate-pod", UriKind.Relative));
        using var lost = await server.PostAsync("/validate", Encoding.UTF8.GetBytes(Review.OfPod(null)));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotFound), (get.StatusCode, lost.StatusCode));
    }

    [Fact]
    public async Task Members_unknown_to_us_are_ignored()
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory());
        var review = Review.OfPod(Review.Pod(null), members: "\"options\": {\"kind\": \"CreateOptions\"}, \"fieldOfTheFuture\": [[]], ");
        Assert.True((bool)(await server.AskAsync("/validate-pod", review))["allowed"]!);
    }
}
