using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Hostile;

/// <summary>What may come back, whatever was sent.</summary>
internal static class Answers
{
    private static readonly HashSet<string> Members = ["uid", "allowed", "status", "warnings", "auditAnnotations", "patchType", "patch"];

    /// <returns>Null when it is as it has to be, else what is wrong with it.</returns>
    public static async Task<string?> WhatIsWrongAsync(HttpResponseMessage answer, string path)
    {
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode == HttpStatusCode.BadRequest)
            return answer.Content.Headers.ContentType?.MediaType == "text/plain" && text.Contains("AdmissionReview", StringComparison.Ordinal) && text.Length < 2_000 ? null : $"a 400 that does not say why: {text}";
        if (answer.StatusCode != HttpStatusCode.OK)
            return $"HTTP {(int)answer.StatusCode}: {text}";
        var review = JsonNode.Parse(text)!;
        return (string?)review["apiVersion"] != "admission.k8s.io/v1" || (string?)review["kind"] != "AdmissionReview" || review["response"] is not JsonObject response
            ? $"no review: {text}"
            : WhatIsWrong(response, path) is { } wrong ? $"{wrong}: {text}" : null;
    }

    private static string? WhatIsWrong(JsonObject response, string path)
    {
        if (response.FirstOrDefault(member => !Members.Contains(member.Key)).Key is { } unknown)
            return $"the API server knows no {unknown}";
        if ((string?)response["uid"] is not { Length: > 0 } || response["allowed"] is not JsonValue allowed || !allowed.TryGetValue<bool>(out var passes))
            return "uid or allowed is missing";
        if (!passes && ((string?)response["status"]?["message"] is not { Length: > 0 and <= 4_096 } || (int?)response["status"]?["code"] is not (>= 400 and < 500)))
            return "a denial without a reason, or for a fault of our own";
        var told = $"{response["status"]?["message"]} {string.Join(' ', response["warnings"]?.AsArray().Select(warning => (string?)warning) ?? [])}";
        if (told.Contains("an error of its own", StringComparison.Ordinal))
            return "a fault of our own";
        if (told.Any(c => char.IsControl(c) || c is '\u202e' or '\u2028'))
            return "what it says steers terminals";
        if (response["warnings"]?.AsArray().Any(warning => ((string?)warning)!.Length > 120) == true)
            return "a warning is too long";
        return response["patch"] is { } patch ? WhatIsWrong(patch, response, path) : response.ContainsKey("patchType") ? "a patchType without a patch" : null;
    }

    private static string? WhatIsWrong(JsonNode patch, JsonObject response, string path)
    {
        if (path != "/mutate-pod" || (string?)response["patchType"] != "JSONPatch")
            return "a patch where there may be none";
        var operations = JsonNode.Parse(Convert.FromBase64String((string)patch!))!.AsArray();
        return operations.Count > 0 && operations.All(operation => (string?)operation!["op"] is "add" or "replace" && ((string?)operation["path"])?.StartsWith('/') == true && operation["value"] is not null)
            ? null
            : "no JSON patch";
    }

    /// <summary>A pod with the patch applied, in a review of its own; null when there is nothing to apply.</summary>
    public static byte[]? Patched(byte[] review, string answer)
    {
        if ((string?)JsonNode.Parse(answer)?["response"]?["patch"] is not { } patch)
            return null;
        var root = JsonNode.Parse(review, documentOptions: new JsonDocumentOptions { MaxDepth = 1_000 })!;
        JsonPatch.Apply(root["request"]!["object"]!.AsObject(), Convert.FromBase64String(patch));
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }
}
