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
    private const int MaxDepth = 512;

    private static readonly JsonDocumentOptions Reading = new()
    {
        MaxDepth = MaxDepth,
        // Two members of one name would let us check one value and the API server use the other.
        AllowDuplicateProperties = false,
    };

    private static readonly JsonTypeInfo<AdmissionReview> Writing = KubernetesJson.Default.WriteInfo<AdmissionReview>();
    private static readonly JsonTypeInfo<UserInfo> User = KubernetesJson.Default.ReadInfo<UserInfo>();

    /// <summary>
    /// False with a reason that can be sent back. The body is parsed once and not copied: it must stay as it is until the review is disposed of.
    /// </summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out AdmissionReview? review, [NotNullWhen(false)] out string? error)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(body, Reading);
            JsonElement root = document.RootElement;
            error = root.ValueKind != JsonValueKind.Object || Text(root, "kind"u8) != Kind || Text(root, "apiVersion"u8) != ApiVersion
                ? "the body is not an admission.k8s.io/v1 AdmissionReview"
                : null;
            AdmissionRequest? request = error is null ? Request(root) : null;
            if (error is null && request is not { Uid.Length: > 0 })
                error = "the AdmissionReview has no request, or a request without uid";
            review = error is null ? new AdmissionReview(document) { ApiVersion = ApiVersion, Kind = Kind, Request = request } : null;
        }
        // Text with half a surrogate pair, and a member of another type, are an InvalidOperationException.
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            review = null;
            error = $"the body is not valid JSON for an AdmissionReview: {malformed.Message}";
        }

        if (review is null)
            document?.Dispose();
        return review is not null;
    }

    /// <summary>
    /// The uid of a review of which only the beginning is there, so that it can be answered; null when it is not in there. An API server
    /// writes it first of the request.
    /// </summary>
    public static string? TryReadUid(ReadOnlySpan<byte> beginning)
    {
        Utf8JsonReader reader = new(beginning, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = MaxDepth }));
        try
        {
            bool inRequest = false;
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                if (reader.CurrentDepth == 1)
                    inRequest = reader.ValueTextEquals("request"u8);
                else if (inRequest && reader.CurrentDepth == 2 && reader.ValueTextEquals("uid"u8))
                    return reader.Read() && reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } uid ? uid : null;
            }

            return null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public static byte[] Write(AdmissionResponse response) =>
        JsonSerializer.SerializeToUtf8Bytes(new AdmissionReview { ApiVersion = ApiVersion, Kind = Kind, Response = response }, Writing);

    private static AdmissionRequest? Request(JsonElement review)
    {
        if (Member(review, "request"u8) is not { } request)
            return null;
        return new AdmissionRequest
        {
            Uid = Text(request, "uid"u8),
            Kind = Member(request, "kind"u8) is { } kind
                ? new GroupVersionKind { Group = Text(kind, "group"u8), Version = Text(kind, "version"u8), Kind = Text(kind, "kind"u8) }
                : null,
            Resource = Member(request, "resource"u8) is { } resource
                ? new GroupVersionResource { Group = Text(resource, "group"u8), Version = Text(resource, "version"u8), Resource = Text(resource, "resource"u8) }
                : null,
            SubResource = Text(request, "subResource"u8),
            Name = Text(request, "name"u8),
            Namespace = Text(request, "namespace"u8),
            Operation = Text(request, "operation"u8),
            UserInfo = Member(request, "userInfo"u8)?.Deserialize(User),
            Object = request.TryGetProperty("object"u8, out JsonElement now) ? now : default,
            OldObject = request.TryGetProperty("oldObject"u8, out JsonElement old) ? old : default,
            DryRun = Member(request, "dryRun"u8)?.GetBoolean(),
        };
    }

    /// <summary>Null when it is missing or null.</summary>
    private static JsonElement? Member(JsonElement of, ReadOnlySpan<byte> name) =>
        of.TryGetProperty(name, out JsonElement member) && member.ValueKind != JsonValueKind.Null ? member : null;

    private static string? Text(JsonElement of, ReadOnlySpan<byte> name) => Member(of, name)?.GetString();
}
