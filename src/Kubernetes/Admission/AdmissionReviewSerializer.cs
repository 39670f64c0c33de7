using System.Text.Unicode;

namespace GpuMem.Kubernetes.Admission;

/// <summary>Reads questions from anybody who can reach the port, so it never throws; writes answers.</summary>
public static class AdmissionReviewSerializer
{
    private const string ApiVersion = "admission.k8s.io/v1";
    private const string Kind = "AdmissionReview";

    /// <summary>
    /// Far deeper than any pod. The API server would allow 10,000, but reading takes time that grows with the square of the depth: a small body
    /// from anybody who can reach the port would keep a core busy for seconds.
    /// </summary>
    public const int MaxDepth = 512;

    private const int LongestReason = 200;

    private static readonly JsonDocumentOptions Reading = new()
    {
        MaxDepth = MaxDepth,
        // Two members of one name would let us check one value and the API server use the other.
        AllowDuplicateProperties = false,
    };

    private static readonly JsonTypeInfo<AdmissionReview> Writing = KubernetesJson.Default.WriteInfo<AdmissionReview>();
    private static readonly JsonTypeInfo<UserInfo> User = KubernetesJson.Default.ReadInfo<UserInfo>();

    /// <summary>
    /// False with a reason that can be sent back. The body is parsed once and not copied: it must stay as it is until the request is
    /// disposed of.
    /// </summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out AdmissionRequest? request, [NotNullWhen(false)] out string? error)
    {
        JsonDocument? document = null;
        request = null;
        try
        {
            document = JsonDocument.Parse(body, Reading);
            error = IsText(body.Span) ? null : "the body is no text, so no AdmissionReview: it has bytes that are no UTF-8, or half a surrogate pair";
            request = error is null ? Request(document, out error) : null;
        }
        // Text with half a surrogate pair, and a member of another type, are an InvalidOperationException.
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // The message quotes what it cannot read, of any length.
            string why = malformed.Message.Length <= LongestReason ? malformed.Message : $"{malformed.Message.AsSpan(0, LongestReason)}…";
            error = $"the body is not valid JSON for an AdmissionReview: {why}";
        }

        if (error is not null)
            document?.Dispose();
        return error is null;
    }

    public static byte[] Write(AdmissionResponse response) =>
        JsonSerializer.SerializeToUtf8Bytes(new AdmissionReview(ApiVersion, Kind, response), Writing);

    /// <summary>
    /// The parser looks at neither the bytes of a text nor at whether an escaped half of a surrogate pair has its other half: it would be found out
    /// much later, by whoever happens to look at that member. An API server writes text.
    /// </summary>
    private static bool IsText(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            return false;
        // Hardly any review has an escaped surrogate at all.
        if (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0)
            return true;
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                    reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static AdmissionRequest? Request(JsonDocument document, out string? error)
    {
        error = "the body is not an admission.k8s.io/v1 AdmissionReview";
        JsonElement review = document.RootElement;
        if (review.ValueKind != JsonValueKind.Object || Text(review, "kind"u8) != Kind || Text(review, "apiVersion"u8) != ApiVersion)
            return null;
        error = "the AdmissionReview has no request, or a request without uid";
        if (Member(review, "request"u8) is not { } request || Text(request, "uid"u8) is not { Length: > 0 } uid)
            return null;
        error = null;
        return new AdmissionRequest(document)
        {
            Uid = uid,
            Kind = Member(request, "kind"u8) is { } kind ? Text(kind, "kind"u8) : null,
            SubResource = Text(request, "subResource"u8),
            Name = Text(request, "name"u8),
            Namespace = Text(request, "namespace"u8),
            Operation = Text(request, "operation"u8),
            UserInfo = Member(request, "userInfo"u8)?.Deserialize(User),
            Object = request.TryGetProperty("object"u8, out JsonElement now) ? now : default,
            OldObject = request.TryGetProperty("oldObject"u8, out JsonElement old) ? old : default,
        };
    }

    /// <summary>Null when it is missing or null.</summary>
    private static JsonElement? Member(JsonElement of, ReadOnlySpan<byte> name) =>
        of.TryGetProperty(name, out JsonElement member) && member.ValueKind != JsonValueKind.Null ? member : null;

    private static string? Text(JsonElement of, ReadOnlySpan<byte> name) => Member(of, name)?.GetString();
}
