using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using GpuMem.Kubernetes.Admission;

namespace GpuMem.Kubernetes.Tests.Admission;

public sealed class AdmissionReviewSerializerTests
{
    [Fact]
    public void Reads_what_the_api_server_sends()
    {
        using AdmissionRequest request = Read("""
            {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE","namespace":"a","name":"b",
             "kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},"subResource":"resize",
             "requestKind":{"group":"x"},"options":{"kind":"CreateOptions"},"dryRun":true,
             "userInfo":{"username":"me","groups":["g"],"extra":{"scopes":["s"]}},
             "object":{"kind":"Pod","spec":{"unknown":[1,2.50]}},"oldObject":null}}
            """);
        Assert.Equal(("u", "CREATE", "a", "b", "resize"), (request.Uid, request.Operation, request.Namespace, request.Name, request.SubResource));
        Assert.Equal(("Pod", "me", "s"), (request.Kind, request.UserInfo!.Username, request.UserInfo.Extra!["scopes"][0]));
        Assert.Equal("""{"kind":"Pod","spec":{"unknown":[1,2.50]}}""", request.Object.GetRawText());
        Assert.Equal(JsonValueKind.Null, request.OldObject.ValueKind);
    }

    [Fact]
    public void A_deletion_has_no_object() =>
        Assert.Equal(JsonValueKind.Undefined, Read(Review("""{"uid":"u","operation":"DELETE"}""")).Object.ValueKind);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("{\"request\"")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"u"}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":""}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":1}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","uid":"v"}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object":{"spec":{"a":1,"a":2}}}}""")]
    public void Refuses_with_a_reason(string body) => AssertRefused(body);

    [Fact]
    public void Bytes_that_are_no_text_are_refused() =>
        Assert.False(AdmissionReviewSerializer.TryRead(new byte[] { 0xff, 0xfe, 0x00 }, out _, out _));

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("\\uDC00 behind")]
    [InlineData("\\ud83d\\ude00\\ud83d")]
    public void Half_a_surrogate_pair_is_no_text_wherever_it_stands(string text)
    {
        AssertRefused(Review($$$"""{"uid":"u","object":{"metadata":{"annotations":{"a":"{{{text}}}"} } } }"""));
        AssertRefused(Review($$$"""{"uid":"u","object":{"metadata":{"annotations":{"{{{text}}}":"a"} } } }"""));
    }

    [Theory]
    [InlineData("\\ud83d\\uDE00")]
    [InlineData("C:\\\\ud800")]
    public void A_whole_pair_is_text_and_so_are_letters_behind_a_backslash(string text) =>
        Read(Review($$$"""{"uid":"u","object":{"metadata":{"annotations":{"a":"{{{text}}}"} } } }""")).Dispose();

    [Fact]
    public void A_reason_is_short_though_what_cannot_be_read_is_long()
    {
        Assert.False(AdmissionReviewSerializer.TryRead(Encoding.UTF8.GetBytes(new string('x', 100_000)), out _, out string? error));
        Assert.InRange(error!.Length, 1, 300);
    }

    [Fact]
    public void Nesting_deeper_than_any_pod_is_read()
    {
        string deep = new string('[', 500) + new string(']', 500);
        AdmissionRequest request = Read(Review($$$"""{"uid":"u","object":{"spec":{{{deep}}}}}"""));
        Assert.Equal(JsonValueKind.Object, request.Object.ValueKind);
        string objects = string.Concat(Enumerable.Repeat("{\"a\":", 500)) + "1" + new string('}', 500);
        Read(Review($$$"""{"uid":"u","object":{{{objects}}}}"""));
    }

    [Fact]
    public void Nesting_that_would_take_seconds_to_read_is_refused() =>
        AssertRefused(Review($$$"""{"uid":"u","object":{{{new string('[', 600)}}}"""));

    [Property]
    public bool Any_bytes_are_read_or_refused(byte[] bytes) => !AdmissionReviewSerializer.TryRead(bytes, out _, out string? error) && error is not null;

    [Fact]
    public void Writes_only_what_is_set_and_the_patch_in_base64()
    {
        string denied = Encoding.UTF8.GetString(AdmissionReviewSerializer.Write(new AdmissionResponse
        {
            Uid = "u", Allowed = false, Status = new AdmissionStatus { Code = 403, Message = "no" }, Warnings = ["w"],
        }));
        Assert.Equal(
            """{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u","allowed":false,"status":{"code":403,"message":"no"},"warnings":["w"]}}""",
            denied);
        string patched = Encoding.UTF8.GetString(AdmissionReviewSerializer.Write(new AdmissionResponse
        {
            Uid = "u", Allowed = true, PatchType = "JSONPatch", Patch = Encoding.UTF8.GetBytes("[]"),
        }));
        Assert.Contains("\"patchType\":\"JSONPatch\",\"patch\":\"W10=\"", patched, StringComparison.Ordinal);
    }

    private static string Review(string request) => $$"""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{request}}}""";

    private static AdmissionRequest Read(string body)
    {
        Assert.True(AdmissionReviewSerializer.TryRead(Encoding.UTF8.GetBytes(body), out AdmissionRequest? request, out string? error), error);
        return request!;
    }

    private static void AssertRefused(string body)
    {
        Assert.False(AdmissionReviewSerializer.TryRead(Encoding.UTF8.GetBytes(body), out _, out string? error));
        Assert.NotEmpty(error!);
    }
}
