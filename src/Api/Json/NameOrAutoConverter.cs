using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GpuMem.Kubernetes.Crds;

namespace GpuMem.Api.Json;

/// <summary>An enum as its exact name, or <c>Auto</c>.</summary>
internal sealed class NameOrAutoConverter<T> : JsonConverter<OrAuto<T>?>, IValueSchema
    where T : struct, Enum
{
    private static readonly EnumNameConverter<T> Names = new();

    public JsonObject Schema() => new() { ["enum"] = new JsonArray([.. Enum.GetNames<T>().Prepend(OrAuto.Name).Select(name => (JsonNode)name)]), ["type"] = "string" };

    public override OrAuto<T>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(OrAuto.Name))
            return new OrAuto<T>(null);
        try
        {
            return Names.Read(ref reader, typeof(T?), options) is { } name ? name : null;
        }
        catch (JsonException unknown)
        {
            throw new JsonException($"{unknown.Message}, or {OrAuto.Name}", unknown);
        }
    }

    public override void Write(Utf8JsonWriter writer, OrAuto<T>? value, JsonSerializerOptions options)
    {
        if (value is { } given)
            writer.WriteStringValue(given.ToString());
        else
            writer.WriteNullValue();
    }
}
