using System.Net;

namespace GpuMem.Operator.Launching;

/// <summary>Which refusals of a launch are for its author to read, and which pass by themselves.</summary>
internal static class Refusals
{
    /// <summary>A mistake in the template, a quota, another webhook.</summary>
    public static bool IsForItsAuthor(this KubernetesException refused) => (int)refused.StatusCode is 400 or 403 or 422 || IsAgainstSchema(refused);

    /// <summary>The operator's role does not have this kind. An admission webhook that refuses answers 403 as well, in other words.</summary>
    public static bool IsForWantOfRights(this KubernetesException refused, EntityMetadata type) =>
        refused.StatusCode == HttpStatusCode.Forbidden && refused.Message.Contains($"cannot patch resource \"{type.Plural}\"", StringComparison.Ordinal);

    /// <summary>
    /// Server-side apply answers 500, not 422, to what does not match the schema: an unknown field, a number for a string, a variable set twice.
    /// </summary>
    private static bool IsAgainstSchema(KubernetesException refused) =>
        refused.StatusCode == HttpStatusCode.InternalServerError && refused.Message.Contains("failed to create typed patch object", StringComparison.Ordinal);
}
